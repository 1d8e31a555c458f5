-- Purpose: add the capabilities of projected devices, each with the claim that names it.
-- Parameters: none. Index: capability_once_a_device.
INSERT INTO sightings_devicecapability (id, device_id, name, claim_id, is_contested)
SELECT gen_random_uuid(), projected.id, said.key, said.value::uuid, false
  FROM sightings_projected AS projected, jsonb_each_text(projected.capabilities) AS said
    ON CONFLICT (device_id, name) DO NOTHING
