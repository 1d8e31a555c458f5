-- Purpose: take away the capabilities that no claim of a projected device names any more.
-- Parameters: none. Index: capability_once_a_device.
DELETE FROM sightings_devicecapability AS capability
 USING sightings_projected AS projected
 WHERE capability.device_id = projected.id
   AND projected.capabilities ->> capability.name IS DISTINCT FROM capability.claim_id::text
