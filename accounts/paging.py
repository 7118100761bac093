"""Long lists, a page at a time."""

from typing import TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

ROWS = 50

Row = TypeVar("Row", bound=Model)


def page_of(rows: QuerySet[Row], request: HttpRequest) -> Page[Row]:
    """The page that `?page=` asks for; the nearest one there is, if it is none."""
    return Paginator(rows, ROWS).get_page(request.GET.get("page"))
