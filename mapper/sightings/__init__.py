"""Claims make devices: claims, attachments, devices, sightings, events, receipts."""
