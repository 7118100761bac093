"""What can be asked of the jobs page by its address."""

from typing import Any

from django import forms

from jobs.kinds import KINDS
from jobs.models import Job

BIGGEST_ID = 2**63 - 1


class FilterForm(forms.Form):
    state = forms.ChoiceField(choices=[("", "Any state"), *Job.State.choices], required=False)
    kind = forms.ChoiceField(required=False)
    before = forms.IntegerField(
        min_value=1, max_value=BIGGEST_ID, required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = sorted((kind.name, kind.title) for kind in KINDS.values())
        self.fields["kind"] = forms.ChoiceField(choices=[("", "Any kind"), *kinds], required=False)

    def wanted(self) -> dict[str, Any]:
        """The filters that make sense; what does not is shown with its field and left out."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or None for name in self.fields}
