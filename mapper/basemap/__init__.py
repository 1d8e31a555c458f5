"""The self-hosted base map, and map pictures for pages without JavaScript."""
