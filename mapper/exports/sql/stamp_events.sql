-- Purpose: a text that changes whenever a row of the download of events may have changed.
-- Parameters: part `events` - a query of the ids of public events. SRID: none. Index: primary key.
SELECT concat_ws('.',
    (SELECT count(*) || '.' || coalesce(sum(hashtextextended(event::text, 0)), 0)
       FROM sightings_event AS event
      WHERE event.id IN ({events})),
    (SELECT coalesce(sum(uuid_hash_extended(citation.id, 1)), 0)
       FROM documents_citation AS citation
       JOIN documents_document AS document
         ON document.id = citation.document_id AND document.is_public
      WHERE citation.event_id IS NOT NULL),
    (SELECT coalesce(sum(hashtextextended(country || ' ' || code || ' ' || name, id)), 0)
       FROM places_city))
