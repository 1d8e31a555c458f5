-- Purpose: tables for what many devices are projected to be, for one transaction.
-- Parameters: none. SRID: 4326. Index: none, they are read whole.
CREATE TEMP TABLE sightings_projected (
    id uuid NOT NULL,
    location geometry(Point, 4326) NOT NULL,
    position_source text NOT NULL,
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
    verification text NOT NULL,
    verified_by_id uuid,
    sources varchar[] NOT NULL,
    first_seen text NOT NULL,
    last_seen text NOT NULL,
    provenance jsonb NOT NULL,
    is_private_home boolean NOT NULL,
    capabilities jsonb NOT NULL
) ON COMMIT DROP
