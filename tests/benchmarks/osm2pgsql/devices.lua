-- What osm2pgsql keeps of the same file: a device's id, version, tags and place, in one table.
local devices = osm2pgsql.define_node_table('peer_device', {
    { column = 'version', type = 'int4' },
    { column = 'tags', type = 'jsonb' },
    { column = 'geom', type = 'point', projection = 4326, not_null = true },
})

function osm2pgsql.process_node(object)
    if object.tags.man_made == 'surveillance' then
        devices:insert({ version = object.version, tags = object.tags, geom = object:as_point() })
    end
end
