-- Purpose: a table for what a file or a server says of OSM objects, for one transaction.
-- Parameters: none. SRID: 4326. Index: none, it is read whole.
-- `row` is the order in the source; `is_device` what geo.osm_tags makes of the tags.
CREATE TEMP TABLE osm_staging (
    row bigint GENERATED ALWAYS AS IDENTITY,
    osm_type text NOT NULL,
    osm_id bigint NOT NULL,
    version integer NOT NULL,
    stamp timestamptz,
    tags jsonb NOT NULL,
    location geometry(Point, 4326),
    is_visible boolean NOT NULL,
    changeset bigint NOT NULL,
    is_device boolean NOT NULL,
    attributes jsonb NOT NULL,
    seen_from text NOT NULL,
    seen_to text NOT NULL
) ON COMMIT DROP
