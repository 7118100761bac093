"""The report of a model version, what is decided by it, and what can be taken along."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.paging import page_of
from accounts.requests import BotRequest
from accounts.security_log import record
from accounts.views.coming_back import in_same_bot, next_page
from accounts.views.tabs import bot_needed, render_tab
from annotation import rereading
from ingest.models import Turn
from training import deciding, deploying, evaluating, exporting, reporting, run_listing
from training.deciding import Refused, Seen
from training.models import EvaluationReport, JudgedTurn, ModelVersion
from training.report_forms import (
    DecisionForm,
    DecisionSettingsForm,
    JudgedTurnsForm,
    ReportForm,
    RollBackForm,
)

JUDGING = "It is being judged. The report is on this page in a moment."
PROMOTED = "Version {number} is live from now on."
REJECTED = "Version {number} was rejected. What is live stays."
BACK = "Version {number} is live again."
FASTER = "Somebody was faster: what is live changed meanwhile. Nothing was done. Look at it again."
NOWHERE = "There is no version to go back to. Nothing was done."
QUEUED = "A reviewer reads it again. Until then its label holds."
WAITING = "It waits for somebody already, or it is gone. Nothing was changed."
SAVED = "Saved. It holds for decisions from now on."
WHY_AGAIN = "Its label looks wrong to what was learned from all others. Is it right?"
ROLLED_BACK = "Rolled back by hand."

may_view = permission_required("training.view_modelversion", raise_exception=True)
may_judge = permission_required("training.add_trainingrun", raise_exception=True)
may_decide = permission_required("training.decide", raise_exception=True)
may_queue = permission_required("annotation.assign_reviewitem", raise_exception=True)


def version_of(request: BotRequest, version_id: int) -> ModelVersion:
    of_bot = ModelVersion.objects.of(request.bot).with_what_made_it()
    return get_object_or_404(of_bot, pk=version_id)


@require_safe
@may_view
@bot_needed
def model_version(request: BotRequest, version_id: int) -> HttpResponse:
    return page(request, version_of(request, version_id))


def page(
    request: BotRequest,
    version: ModelVersion,
    *,
    form: DecisionForm | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    """The version's page, perhaps with a form that was refused."""
    asked = ReportForm(request.GET)
    which = asked.cleaned_data if asked.is_valid() else {}
    report = reporting.report_of(version, which.get("report"))
    if report is None and which.get("report"):
        raise Http404
    sort = which.get("sort") or "verdict"
    shown = {
        "version": version,
        "figures": run_listing.figures_of(version),
        "check": run_listing.checks_of(version),
        "report": report and reporting.shown(report, page=request.GET.get("page"), sort=sort),
        "standing": reporting.standing(version, report, user=request.user),
        "card": reporting.card_of(version, report),
        "form": form or DecisionForm(),
        "refused": refused,
        "sort": sort,
    }
    return render(request, "training/model_version.html", shown, status=status)


@require_safe
@may_view
@bot_needed
def judging_card(request: BotRequest, version_id: int) -> HttpResponse:
    """How far judging is, which the page asks for while it goes on."""
    version = version_of(request, version_id)
    judging = evaluating.newest_judging(version)
    shown = {"version": version, "judging": judging, "polled": True}
    return render(request, "training/_judging.html", shown)


@require_POST
@may_judge
@bot_needed
def judge(request: BotRequest, version_id: int) -> HttpResponse:
    version = version_of(request, version_id)
    evaluating.request(version, by=request.user)
    messages.success(request, JUDGING)
    return redirect(_address(request, version))


@require_POST
@may_decide
@bot_needed
def decide(request: BotRequest, version_id: int) -> HttpResponse:
    version, form = version_of(request, version_id), DecisionForm(request.POST)
    if not form.is_valid():
        return page(request, version, form=form, status=422)
    said = form.cleaned_data
    seen = Seen(said["report_sha256"], said["artifact_sha256"])
    by, reason = request.user, said["reason"]
    try:
        if said["verdict"] == "reject":
            deciding.reject(version, by=by, seen=seen, reason=reason)
        else:
            over = said["override_reason"]
            deciding.promote(version, by=by, seen=seen, reason=reason, override_reason=over)
    except Refused as why:
        return page(request, version, form=form, refused=str(why), status=409)
    except deploying.SomebodyWasFaster:
        return page(request, version, form=form, refused=FASTER, status=409)
    done = REJECTED if said["verdict"] == "reject" else PROMOTED
    messages.success(request, done.format(number=version.number))
    return redirect(_address(request, version))


@require_POST
@may_decide
@bot_needed
def roll_back(request: BotRequest) -> HttpResponse:
    """To what was live before, at one click."""
    form = RollBackForm(request.POST)
    back = reverse("training:models")
    if wrong := form.errors.get("reason"):
        messages.error(request, f"{wrong[0]} Nothing was taken back.")
        return redirect(in_same_bot(request, back))
    try:
        if not form.is_valid():
            raise deploying.NothingToGoBackTo
        live = deploying.roll_back(
            request.bot,
            by=request.user,
            reason=form.cleaned_data["reason"] or ROLLED_BACK,
            deployment_id=form.cleaned_data["deployment"],
        )
        messages.success(request, BACK.format(number=live.champion.number))
    except deploying.SomebodyWasFaster:
        messages.error(request, FASTER)
    except deploying.NothingToGoBackTo:
        messages.error(request, NOWHERE)
    return redirect(in_same_bot(request, back))


@require_safe
@may_view
@bot_needed
def judged_turns(request: BotRequest, report_id: int) -> HttpResponse:
    """Turns of one report: those of an intent that go wrong, or all of a kind."""
    report, form = _report(request, report_id), JudgedTurnsForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    kinds = {kind.value: kind for kind in JudgedTurn.Kind}
    kind = kinds.get(wanted.get("kind", ""), JudgedTurn.Kind.TEST)
    turns = JudgedTurn.objects.of_kind(report, kind).select_related("turn")
    if "intent" in request.GET:
        turns = turns.about(wanted.get("intent", ""))
    shown = {
        "report": report,
        "page": page_of(turns.worst_first(), request),
        "kind": kind,
        "title": reporting.TITLES[kind],
        "intent": wanted.get("intent") if "intent" in request.GET else None,
        "kinds": reporting.TITLES.items(),
    }
    return render(request, "training/judged_turns.html", shown)


@require_POST
@may_queue
@bot_needed
def read_again(request: BotRequest, turn_id: UUID) -> HttpResponse:
    """Have a label that looks wrong read once more."""
    get_object_or_404(Turn.objects.of(request.bot), pk=turn_id)
    try:
        rereading.read_again(request.bot, turn_id, why=WHY_AGAIN, by=request.user)
        messages.success(request, QUEUED)
    except rereading.AlreadyWaiting:
        messages.error(request, WAITING)
    queue = in_same_bot(request, reverse("annotation:queue"))
    return redirect(next_page(request) if "next" in request.POST else queue)


@require_safe
@may_view
@bot_needed
def report_json(request: BotRequest, report_id: int) -> HttpResponse:
    report = _report(request, report_id)
    _record_export(request, report, "json")
    return _file(exporting.as_json(report), f"{_name(report)}.json", "application/json")


@require_safe
@may_view
@bot_needed
def report_html(request: BotRequest, report_id: int) -> HttpResponse:
    """The report as one file that needs nothing else."""
    report = _report(request, report_id)
    _record_export(request, report, "html")
    return _file(exporting.as_html(report), f"{_name(report)}.html", "text/html; charset=utf-8")


def _record_export(request: BotRequest, report: EvaluationReport, format: str) -> None:
    record(
        "report_exported", by=request.user, bot_id=report.bot_id, report_id=report.pk, format=format
    )


def _file(content: str, name: str, content_type: str) -> HttpResponse:
    saved = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=saved)


def _name(report: EvaluationReport) -> str:
    return f"{report.bot.slug}-version-{report.version.number}-report-{report.pk}"


def _report(request: BotRequest, report_id: int) -> EvaluationReport:
    of_bot = EvaluationReport.objects.of(request.bot).select_related(
        "bot", "version__run__dataset", "version__bot", "champion", "dataset", "created_by"
    )
    return get_object_or_404(of_bot, pk=report_id)


def _address(request: BotRequest, version: ModelVersion) -> str:
    return in_same_bot(request, reverse("training:model", args=[version.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@may_decide
@bot_needed
def decision_settings(request: BotRequest) -> HttpResponse:
    if request.method != "POST":
        stored = deciding.settings_of(request.bot)
        form = DecisionSettingsForm(initial={"four_eyes": stored.four_eyes})
        return render_tab(request, "training/decision_settings.html", {"form": form})
    form = DecisionSettingsForm(request.POST)
    if not form.is_valid():
        return render_tab(request, "training/decision_settings.html", {"form": form}, status=422)
    deciding.change_settings(request.bot, by=request.user, **form.cleaned_data)
    messages.success(request, SAVED)
    return redirect(in_same_bot(request, reverse("training:decision_settings")))
