"""Pure computation on places and devices: no database, network, clock or environment."""
