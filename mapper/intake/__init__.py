"""Taking in: reports, receipts, withdrawals, bulk imports."""
