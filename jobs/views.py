"""The jobs page: what is being done, how far it is, and what went wrong."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from jobs import listing, requesting
from jobs.forms import FilterForm
from jobs.models import Job

may_view = permission_required("jobs.view_job", raise_exception=True)


@require_safe
@may_view
def job_list(request: HttpRequest) -> HttpResponse:
    return render(request, "jobs/list.html", _rows(request))


@require_safe
@may_view
def rows(request: HttpRequest) -> HttpResponse:
    """The table alone, which the page asks for while something is live."""
    return render(request, "jobs/_rows.html", _rows(request))


@require_safe
@may_view
def detail(request: HttpRequest, job_id: int) -> HttpResponse:
    return render(request, "jobs/detail.html", {"job": _job(request, job_id)})


@require_safe
@may_view
def card(request: HttpRequest, job_id: int) -> HttpResponse:
    """One job's state, which its page asks for while it is live."""
    return render(request, "jobs/_card.html", {"job": _job(request, job_id), "polled": True})


@require_POST
@permission_required("jobs.cancel_job", raise_exception=True)
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    job = _job(request, job_id)
    try:
        requesting.cancel(job)
    except requesting.AlreadyEnded:
        job.refresh_from_db()
        return render(request, "jobs/detail.html", {"job": job, "too_late": True}, status=409)
    messages.success(request, "Cancelled. What is running stops within a few seconds.")
    return redirect("jobs:detail", job_id)


@require_POST
@permission_required("jobs.retry_job", raise_exception=True)
def retry(request: HttpRequest, job_id: int) -> HttpResponse:
    job = _job(request, job_id)
    try:
        requesting.retry(job)
    except requesting.NotFailed:
        job.refresh_from_db()
        return render(request, "jobs/detail.html", {"job": job, "not_failed": True}, status=409)
    messages.success(request, "Queued again, with three new tries.")
    return redirect("jobs:detail", job_id)


def _job(request: HttpRequest, job_id: int) -> Job:
    seen = Job.objects.seen_by(request.user, bot=getattr(request, "bot", None))
    return get_object_or_404(seen.select_related("created_by", "bot"), pk=job_id)


def _rows(request: HttpRequest) -> dict[str, object]:
    form = FilterForm(request.GET)
    seen = Job.objects.seen_by(request.user, bot=getattr(request, "bot", None))
    page = listing.page(seen.select_related("created_by"), **form.wanted())
    return {"form": form, "page": page, "live": any(job.is_live for job in page.jobs)}
