-- Purpose: lock the devices whose claims are about to change, in the order of their ids, as every
--          other writer does.
-- Parameters: none. Index: primary key of devices.
SELECT count(*)
  FROM (SELECT device.id
          FROM sightings_device AS device
         WHERE device.id IN (SELECT device_id FROM osm_incoming
                              WHERE verdict IN ('changed', 'removed')
                             UNION ALL
                             SELECT device_id FROM osm_absent WHERE is_absent)
         ORDER BY device.id
           FOR NO KEY UPDATE) AS locked
