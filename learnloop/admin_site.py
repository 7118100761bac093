"""Django's admin as auditors and operators see it: everything that counts, and nothing to change.

Whatever a room registers is read-only here: there is no route that adds, changes or deletes, and
none that takes a POST.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import ForeignKey, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from pghistory.models import Event

# Libraries register what they have, secrets of second factors among it. Only these are shown.
ROOMS = frozenset(
    {"jobs", "accounts", "ingest", "annotation", "training", "serving", "replay", "monitoring"}
)
MOST_COUNTED = 10_000  # rows; who looks for something in more than that filters
HISTORY_SHOWN = 50
FOR_AUDITORS = (
    "This is for auditors and operators. An operator of this install makes somebody an auditor "
    "under Settings, People."
)


class AuditorsSite(admin.AdminSite):
    site_title = site_header = index_title = "Audit"
    site_url = None
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_authenticated and request.user.is_auditor)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                raise PermissionDenied(FOR_AUDITORS)
            answer: HttpResponse = view(request, *args, **kwargs)
            return answer

        return require_safe(never_cache(checked))

    def get_urls(self) -> list[URLResolver | URLPattern]:
        routes: list[URLResolver | URLPattern] = [
            path("", self.admin_view(self.index), name="index"),
        ]
        for model, shown in self._registry.items():
            meta = model._meta
            start, name = (
                f"{meta.app_label}/{meta.model_name}/",
                f"{meta.app_label}_{meta.model_name}",
            )
            routes += [
                path(start, self.admin_view(shown.changelist_view), name=f"{name}_changelist"),
                path(
                    f"{start}<path:object_id>/",
                    self.admin_view(shown.change_view),
                    name=f"{name}_change",
                ),
            ]
        routes.append(path("<str:app_label>/", self.admin_view(self.app_index), name="app_list"))
        return routes

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register one Django model, read-only, and its history where it keeps one."""
        one = isinstance(model_or_iterable, type)
        models: Any = [model_or_iterable] if one else model_or_iterable
        for model in models:
            if model._meta.app_label not in ROOMS:
                continue
            base = admin_class or admin.ModelAdmin
            super().register(model, type(base.__name__, (ReadOnly, base), {}), **options)
            if model._meta.model_name.endswith("settings"):
                model._meta.verbose_name_plural = model._meta.verbose_name
            if hasattr(model, "history"):
                kept = model.history.rel.related_model
                kept._meta.verbose_name_plural = f"history of {model._meta.verbose_name_plural}"
                super().register(kept, HistoryAdmin)


class ShortCount(Paginator):  # type: ignore[type-arg]
    """Counts no further than somebody turns pages: counting millions takes longer than all else."""

    @cached_property
    def count(self) -> int:
        some: Any = self.object_list
        return int(some.order_by()[: MOST_COUNTED + 1].count())


class Listed(ChangeList):
    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        """The filters in the address, without the bot that links to other pages name."""
        found = super().get_filters_params(params)
        found.pop("bot", None)
        return found


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Goes before what a room says of a Django model."""

    paginator = ShortCount
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 0
    show_facets = admin.ShowFacets.NEVER
    actions = None
    view_on_site = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Listed

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Every column but those excluded; of what is not shown itself, the number alone."""
        left_out = set(self.exclude or ())
        return [
            self._shown_as(field)
            for field in self.model._meta.concrete_fields
            if field.name not in left_out
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Each word has to be found. Behind `=` it is the whole value, which an index knows."""
        shown: Any = self
        for word in search_term.split():
            queryset = queryset.filter(_found(self.model, shown.search_fields, word))
        return queryset, False

    def _shown_as(self, field: Any) -> str:
        hidden = isinstance(field, ForeignKey) and not self.admin_site.is_registered(
            field.related_model
        )
        return str(field.attname if hidden else field.name)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        page = {"history": self._history(object_id)} | (extra_context or {})
        return super().change_view(request, object_id, form_url, page)

    def _history(self, object_id: str) -> dict[str, Any] | None:
        """The newest changes of the row, and where all of them are."""
        if not hasattr(self.model, "history") or not object_id.isascii() or not object_id.isdigit():
            return None
        kept: type[Model] = self.model.history.rel.related_model
        shown: Any = self.admin_site.get_model_admin(kept)
        events = kept._default_manager.filter(pgh_obj_id=min(int(object_id), 2**63 - 1))
        newest = events.select_related("pgh_context").order_by("-pk")[:HISTORY_SHOWN]
        return {
            "columns": [
                HEADINGS.get(name) or name.replace("_", " ").capitalize() for name in shown.columns
            ],
            "rows": [[shown.cell(event, name) for name in shown.columns] for event in newest],
            "url": f"admin:{kept._meta.app_label}_{kept._meta.model_name}_changelist",
            "object_id": object_id,
        }


def _found(model: type[Model], names: Sequence[str], word: str) -> Q:
    found = Q(pk__in=[])
    for name in names:
        if not name.startswith("="):
            found |= Q(**{f"{name}__icontains": word})
            continue
        with suppress(ValidationError):  # no such value can be in that column
            path = name.removeprefix("=")
            found |= Q(**{path: _field(model, path).to_python(word)})
    return found


def _field(model: type[Model], path: str) -> Any:
    first, _, rest = path.partition("__")
    field: Any = model._meta.get_field(first)
    return _field(field.related_model, rest) if rest else field


HEADINGS = {"moment": "When", "what": "What", "who": "By whom"}
WHAT = {"insert": "Made", "update": "Changed", "delete": "Deleted"}


class WhatFilter(admin.SimpleListFilter):
    title = "what"
    parameter_name = "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(WHAT.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(pgh_label=self.value()) if self.value() in WHAT else queryset


class HistoryAdmin(ReadOnly):
    """The history of a Django model: what each row was after each change, in numbers."""

    list_filter = (WhatFilter, ("pgh_created_at", admin.DateFieldListFilter))
    list_select_related = ("pgh_context",)
    search_fields = ("=pgh_obj_id",)
    search_help_text = "The number of a row."
    ordering = ("-pgh_id",)
    sortable_by = ()
    exclude = ("pgh_context",)

    @cached_property
    def columns(self) -> list[str]:
        own = [
            field.attname
            for field in self.model._meta.concrete_fields
            if not field.name.startswith("pgh_")
        ]
        return ["moment", "what", "who", *own]

    def get_list_display(self, request: HttpRequest) -> Any:
        return ["change", "row", *self.columns]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["change", "row", *self.columns]

    @admin.display(description="change")
    def change(self, event: Any) -> int:
        return int(event.pgh_id)

    @admin.display(description="row")
    def row(self, event: Any) -> int:
        return int(event.pgh_obj_id)

    @admin.display(description=HEADINGS["moment"])
    def moment(self, event: Any) -> Any:
        return event.pgh_created_at

    @admin.display(description=HEADINGS["what"])
    def what(self, event: Any) -> str:
        return WHAT[event.pgh_label]

    @admin.display(description=HEADINGS["who"])
    def who(self, event: Any) -> str:
        """The number of a person, and the request or job in which it was."""
        known = event.pgh_context.metadata if event.pgh_context_id else {}
        words = (("by", "person"), ("request", "request"), ("job", "job"))
        said = [f"{word} {known[key]}" for key, word in words if known.get(key)]
        return ", ".join(said) or "a command, or SQL"

    def cell(self, event: Event, name: str) -> Any:
        return getattr(self, name)(event) if hasattr(self, name) else getattr(event, name)
