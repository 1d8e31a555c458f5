-- Purpose: write projected devices; one that is what it was keeps its row, version and day.
-- Parameters: today - the day of the change; of what nobody has checked the month's first day is
--             written (`day_of_change` of mapper.sightings.actions). Returns the number of rows by its row count.
-- SRID: 4326. Index: primary key of devices.
INSERT INTO sightings_device AS device
       (id, state, merged_into_id, location, position_source, city_id, kind, camera_type, mount,
        directions, tilt_down_deg, height_m, surveillance, zone, operator, operator_type,
        manufacturer, model, status, verification, verified_by_id, sources, first_seen, last_seen,
        provenance, is_private_home, version, updated_on)
SELECT projected.id, 'present', NULL, location, position_source, placed.city_id, kind, camera_type,
       mount, directions, tilt_down_deg, height_m, surveillance, zone, operator, operator_type,
       manufacturer, model, status, verification, verified_by_id, sources, first_seen, last_seen,
       provenance, is_private_home, 1,
       CASE WHEN verification = 'unverified'
              OR verification = 'declared' AND 'walker' = ANY (sources)
            THEN date_trunc('month', %(today)s::timestamp)::date
            ELSE %(today)s END
  FROM sightings_projected AS projected
  LEFT JOIN sightings_placed AS placed ON placed.id = projected.id
    ON CONFLICT (id) DO UPDATE
   SET state = excluded.state,
       merged_into_id = excluded.merged_into_id,
       location = excluded.location,
       position_source = excluded.position_source,
       city_id = excluded.city_id,
       kind = excluded.kind,
       camera_type = excluded.camera_type,
       mount = excluded.mount,
       directions = excluded.directions,
       tilt_down_deg = excluded.tilt_down_deg,
       height_m = excluded.height_m,
       surveillance = excluded.surveillance,
       zone = excluded.zone,
       operator = excluded.operator,
       operator_type = excluded.operator_type,
       manufacturer = excluded.manufacturer,
       model = excluded.model,
       status = excluded.status,
       verification = excluded.verification,
       verified_by_id = excluded.verified_by_id,
       sources = excluded.sources,
       first_seen = excluded.first_seen,
       last_seen = excluded.last_seen,
       provenance = excluded.provenance,
       is_private_home = excluded.is_private_home,
       version = device.version + 1,
       updated_on = excluded.updated_on
 WHERE device.state <> 'erased'
   AND (device.state, device.merged_into_id, device.location, device.position_source,
        device.city_id, device.kind, device.camera_type, device.mount, device.directions,
        device.tilt_down_deg, device.height_m, device.surveillance, device.zone, device.operator,
        device.operator_type, device.manufacturer, device.model, device.status,
        device.verification, device.verified_by_id, device.sources, device.first_seen,
        device.last_seen, device.provenance, device.is_private_home)
       IS DISTINCT FROM
       (excluded.state, excluded.merged_into_id, excluded.location, excluded.position_source,
        excluded.city_id, excluded.kind, excluded.camera_type, excluded.mount, excluded.directions,
        excluded.tilt_down_deg, excluded.height_m, excluded.surveillance, excluded.zone,
        excluded.operator, excluded.operator_type, excluded.manufacturer, excluded.model,
        excluded.status, excluded.verification, excluded.verified_by_id, excluded.sources,
        excluded.first_seen, excluded.last_seen, excluded.provenance, excluded.is_private_home)
