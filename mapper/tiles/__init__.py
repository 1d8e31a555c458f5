"""Vector tiles and clusters."""
