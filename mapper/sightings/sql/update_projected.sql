-- Purpose: write the projected devices that are there; one that is what it was keeps its row,
--          version and day.
-- Parameters: today - the day of the change; of what nobody has checked the month's first day is
--             written (`day_of_change` of mapper.sightings.actions). Returns the number of rows by its row count.
-- SRID: 4326. Index: primary key of devices.
UPDATE sightings_device AS device
   SET state = 'present',
       merged_into_id = NULL,
       location = projected.location,
       position_source = projected.position_source,
       city_id = placed.city_id,
       kind = projected.kind,
       camera_type = projected.camera_type,
       mount = projected.mount,
       directions = projected.directions,
       tilt_down_deg = projected.tilt_down_deg,
       height_m = projected.height_m,
       surveillance = projected.surveillance,
       zone = projected.zone,
       operator = projected.operator,
       operator_type = projected.operator_type,
       manufacturer = projected.manufacturer,
       model = projected.model,
       status = projected.status,
       verification = projected.verification,
       verified_by_id = projected.verified_by_id,
       sources = projected.sources,
       first_seen = projected.first_seen,
       last_seen = projected.last_seen,
       provenance = projected.provenance,
       is_private_home = projected.is_private_home,
       version = device.version + 1,
       updated_on = CASE WHEN projected.verification = 'unverified'
                           OR projected.verification = 'declared'
                              AND 'walker' = ANY (projected.sources)
                         THEN date_trunc('month', %(today)s::timestamp)::date
                         ELSE %(today)s END
  FROM sightings_projected AS projected
  LEFT JOIN sightings_placed AS placed ON placed.id = projected.id
 WHERE device.id = projected.id
   AND device.state <> 'erased'
   AND (device.state, device.merged_into_id, device.location, device.position_source,
        device.city_id, device.kind, device.camera_type, device.mount, device.directions,
        device.tilt_down_deg, device.height_m, device.surveillance, device.zone, device.operator,
        device.operator_type, device.manufacturer, device.model, device.status,
        device.verification, device.verified_by_id, device.sources, device.first_seen,
        device.last_seen, device.provenance, device.is_private_home)
       IS DISTINCT FROM
       ('present', NULL::uuid, projected.location, projected.position_source,
        placed.city_id, projected.kind, projected.camera_type, projected.mount, projected.directions,
        projected.tilt_down_deg, projected.height_m, projected.surveillance, projected.zone,
        projected.operator, projected.operator_type, projected.manufacturer, projected.model,
        projected.status, projected.verification, projected.verified_by_id, projected.sources,
        projected.first_seen, projected.last_seen, projected.provenance, projected.is_private_home)
