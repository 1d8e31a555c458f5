-- Purpose: tables for what a file or a server says of OSM objects, for one transaction.
-- Parameters: none. SRID: 4326. Index: none, they are read whole.
-- `osm_said` holds what each set of tags says, once for all objects that carry it: what
-- geo.osm_tags makes of it (`is_device`, `attributes`), and from `kind` on the device that a claim
-- saying this makes alone (mapper.sightings.projection), with the names that the claim stands for.
-- `osm_unread` holds the nodes that a source was seen to hold as we hold them.
CREATE TEMP TABLE osm_staging (
    row bigint GENERATED ALWAYS AS IDENTITY,
    osm_type text NOT NULL,
    osm_id bigint NOT NULL,
    version integer NOT NULL,
    stamp timestamptz,
    location geometry(Point, 4326),
    is_visible boolean NOT NULL,
    changeset bigint NOT NULL,
    said integer NOT NULL,
    flag text,
    flag_tags jsonb
) ON COMMIT DROP;
CREATE TEMP TABLE osm_said (
    said integer NOT NULL,
    tags jsonb NOT NULL,
    rules integer NOT NULL,
    is_device boolean NOT NULL,
    attributes jsonb NOT NULL,
    seen_from text NOT NULL,
    seen_to text NOT NULL,
    kind text NOT NULL,
    camera_type text NOT NULL,
    mount text NOT NULL,
    directions jsonb NOT NULL,
    tilt_down_deg float8,
    height_m float8,
    surveillance text NOT NULL,
    zone text NOT NULL,
    operator text NOT NULL,
    operator_type text NOT NULL,
    manufacturer text NOT NULL,
    model text NOT NULL,
    status text NOT NULL,
    first_seen text NOT NULL,
    last_seen text NOT NULL,
    provenance text[] NOT NULL,
    capabilities text[] NOT NULL
) ON COMMIT DROP;
CREATE TEMP TABLE osm_unread (
    osm_id bigint NOT NULL
) ON COMMIT DROP
