"""French without its accents, letter for letter: readers leave them out, capitals lose them."""

from django.db.models import F, Func, TextField, Value

# With them go the signs that PostgreSQL's parser would take for a tag, and drop with its words.
ACCENTED = "<>àâäáãåçéèêëíìîïñóòôöõúùûüýÿÀÂÄÁÃÅÇÉÈÊËÍÌÎÏÑÓÒÔÖÕÚÙÛÜÝŸ"
PLAIN = "  aaaaaaceeeeiiiinooooouuuuyyAAAAAACEEEEIIIINOOOOOUUUUYY"
_TABLE = str.maketrans(ACCENTED, PLAIN)


def unaccented(column: str) -> Func:
    """Return the same as an expression of the database on a text column."""
    return Func(
        F(column),
        Value(ACCENTED),
        Value(PLAIN),
        function="translate",
        output_field=TextField(),
    )


def without_accents(text: str) -> str:
    """Return text of the same length without accents (as SQL's `translate` does it).

    >>> without_accents("Vidéosurveillance à Nîmes")
    'Videosurveillance a Nimes'
    """
    return text.translate(_TABLE)
