-- Purpose: write the projected devices that are new.
-- Parameters: today - the day of the change; of what nobody has checked the month's first day is
--             written (`day_of_change` of mapper.sightings.actions). Returns the number of rows by its row count.
-- SRID: 4326. Index: primary key of devices.
INSERT INTO sightings_device
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
 WHERE NOT EXISTS (SELECT FROM sightings_device AS device WHERE device.id = projected.id)
