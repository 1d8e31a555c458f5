"""Source files, their pages, citations, search."""
