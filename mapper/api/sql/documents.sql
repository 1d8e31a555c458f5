-- Purpose: public documents as GeoJSON features without a place.
-- Parameters: site_url - the address that the site is reached at;
--             part `documents` - a query of the ids of public documents.
-- SRID: none. Index: document (primary key), its cities by document.
SELECT json_build_object(
           'type', 'Feature',
           'id', document.id,
           'geometry', NULL,
           'properties', json_build_object(
               'id', document.id,
               'url', %(site_url)s || '/documents/' || document.slug || '/',
               'file_url', %(site_url)s || '/documents/' || document.slug || '/file.pdf',
               'title', document.title,
               'type', document.type,
               'language', document.language,
               'dated_on', nullif(document.dated_on, ''),
               'cities', coalesce(
                   (SELECT json_agg(city.code ORDER BY city.country, city.code)
                      FROM documents_document_cities AS concerned
                      JOIN places_city AS city ON city.id = concerned.city_id
                     WHERE concerned.document_id = document.id), '[]'),
               'source_url', nullif(document.source_url, ''),
               'licence', nullif(document.licence, ''),
               'page_count', document.page_count,
               'notice', nullif(document.notice, ''))
       )::text AS feature
  FROM ({documents}) AS chosen
  JOIN documents_document AS document ON document.id = chosen.id
 ORDER BY document.id
