-- Purpose: a table for what a file of areas says, for the length of one transaction.
-- Parameters: none. SRID: 4326. Index: none, it is read whole.
CREATE TEMP TABLE places_staging (
    country text NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    slug text NOT NULL,
    population integer,
    boundary geometry(MultiPolygon, 4326) NOT NULL
) ON COMMIT DROP
