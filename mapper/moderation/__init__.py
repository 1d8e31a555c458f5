"""The judgement: decisions, queues as queries, the brake."""
