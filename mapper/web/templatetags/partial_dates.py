"""Dates as far as they are known, in the words of the page's language."""

from django import template

from mapper.dossiers.sentences import date_in_words

register = template.Library()
register.filter("in_words", date_in_words)
