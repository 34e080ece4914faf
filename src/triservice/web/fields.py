"""Django forms as GOV.UK components: `{{ field(form["x"]) }}` and `{{ form_page(form) }}`.

A room writes a plain Django form and knows nothing of components; the widget chooses the
component by the table `COMPONENTS`. Three date boxes come from `forms.SelectDateWidget()`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from jinja2 import Environment, pass_context, pass_environment
from jinja2.runtime import Context
from markupsafe import Markup

Params = dict[str, Any]
_REQUIRED = str(forms.Field.default_error_messages["required"])
LONG_TEXT = 100  # characters: a limit above this is counted down under the box


@pass_environment
def field(
    environment: Environment,
    bound: BoundField,
    *,
    label: str | None = None,
    hint: str | None = None,
    size: str = "",
    heading: bool = False,
    width: int | str | None = None,
    **more: Any,
) -> Markup:
    """Return a field of a form as its GOV.UK component.

    `size` is of the label (s, m, l, xl); `heading` makes the label the page's h1; `width` is the
    characters of the box (2, 3, 4, 5, 10, 20, 30) or a fraction ("two-thirds"). `more` goes to the
    component as it is (`prefix`, `suffix`, `classes`, `formGroup`); `conditional` maps a choice to
    the HTML it reveals. Raises TypeError for a widget without a component.
    """
    widget = bound.field.widget
    if widget.is_hidden:
        return Markup(str(bound))  # Django escapes it
    macro, build = _component(bound)
    style = _label_style(size, heading, "legend" if macro in _GROUPS else "label")
    params: Params = {
        "id": bound.auto_id,
        "idPrefix": bound.auto_id,
        "name": bound.html_name,
        "_label": {"text": label or label_of(bound), "isPageHeading": heading, "classes": style},
        "_conditional": more.pop("conditional", {}),
    }
    if text := hint or bound.help_text:
        params["hint"] = {"text": text}
    if errors := errors_of(bound):
        params["errorMessage"] = {"text": " ".join(errors)}
    classes = [more.pop("classes", "")]
    if width:
        classes.append(f"govuk-input--width-{width}" if isinstance(width, int) else _share(width))
    params["classes"] = " ".join(filter(None, classes))
    macro = build(bound, params) or macro
    params |= more
    return _macro(environment, macro)(params)


@pass_environment
def error_summary(environment: Environment, *sources: forms.BaseForm) -> Markup:
    """Return the summary of the errors of the forms, each linked to its field; "" without any."""
    items = [item for form in sources for item in _error_items(form)]
    if not items:
        return Markup("")
    return _macro(environment, "error-summary")(
        {"titleText": "There is a problem", "errorList": items}
    )


@pass_context
def form_page(
    context: Context,
    form: forms.BaseForm,
    *,
    submit: str = "Continue",
    cancel: str | None = None,
    action: str = "",
    method: str = "post",
    warning: bool = False,
    fields: dict[str, Params] | None = None,
) -> Markup:
    """Return a whole form: error summary, fields, button and, with `cancel`, a link back.

    `fields` gives options of `field` by the name of the field; `warning` makes the button red.
    """
    environment = context.environment
    options = fields or {}
    parts = [error_summary(environment, form)]
    opening = Markup('<form method="{}" action="{}" novalidate{}>').format(
        method, action, Markup(' enctype="multipart/form-data"') if form.is_multipart() else ""
    )
    parts.append(opening)
    if method == "post":
        parts.append(Markup(context["csrf_input"]))
    parts += [field(environment, bound, **options.get(bound.name, {})) for bound in form]
    button = _macro(environment, "button")(
        {
            "text": submit,
            "classes": "govuk-button--warning" if warning else "",
            "preventDoubleClick": True,
        }
    )
    link = Markup('<a class="govuk-link" href="{}">Cancel</a>').format(cancel) if cancel else ""
    parts.append(Markup('<div class="govuk-button-group">{}{}</div></form>').format(button, link))
    return Markup("\n").join(parts)


def label_of(bound: BoundField) -> str:
    """Return the label; what may be left empty says so, but where a form only `narrows`."""
    optional = (
        not bound.field.required
        and not isinstance(bound.field.widget, forms.CheckboxInput)
        and not getattr(bound.form, "narrows", False)
    )
    return f"{bound.label}{' (optional)' if optional else ''}"


def errors_of(bound: BoundField) -> list[str]:
    """Return the errors of a field. One left empty is told what to enter, not "is required"."""
    said = []
    for error in bound.form.errors.as_data().get(bound.name, ()):
        said += [
            _asked(bound) if error.code == "required" and text == _REQUIRED else text
            for text in error.messages
        ]
    return said


def _asked(bound: BoundField) -> str:
    """Return "Enter your reason": the label as the rest of a sentence, acronyms as they are."""
    label = str(bound.label).rstrip("?:. ")
    head = label.split(" ", 1)[0]
    if str(bound.label).rstrip().endswith("?"):
        return f"Answer: {bound.label}"
    rest = label if head.isupper() else label[:1].lower() + label[1:]
    return f"{_verb(bound.field.widget)} {rest}"


def _verb(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput):
        return "Tick:"
    picks = (forms.widgets.ChoiceWidget, forms.FileInput)
    return "Select" if isinstance(widget, picks) else "Enter"


def first_id(bound: BoundField) -> str:
    """Return the id of the field's first control, where an error link leads."""
    dated = isinstance(bound.field.widget, forms.SelectDateWidget)
    return f"{bound.auto_id}_day" if dated else str(bound.auto_id)


def _component(bound: BoundField) -> tuple[str, Build]:
    for kind, component in COMPONENTS.items():
        if isinstance(bound.field.widget, kind):
            return component
    kind = type(bound.field.widget)
    raise TypeError(f"{bound.name}: no GOV.UK component for {kind.__name__}")


def _error_items(form: forms.BaseForm) -> Iterable[Params]:
    for error in form.non_field_errors():
        yield {"text": str(error)}
    for bound in form:
        for error in errors_of(bound):
            if bound.is_hidden:
                yield {"text": f"{bound.label}: {error}"}
            else:
                yield {"text": error, "href": f"#{first_id(bound)}"}


def _share(width: str) -> str:
    return f"govuk-!-width-{width}"


def _label_style(size: str, heading: bool, part: str) -> str:
    size = size or ("l" if heading else "s" if part == "legend" else "")
    return f"govuk-{'fieldset__legend' if part == 'legend' else 'label'}--{size}" if size else ""


def _macro(environment: Environment, component: str) -> Callable[[Params], Markup]:
    module = environment.get_template(f"govuk_frontend_jinja/components/{component}/macro.html")
    name = "govuk" + "".join(part.capitalize() for part in component.split("-"))
    macro: Callable[[Params], Markup] = getattr(module.module, name)
    return macro


def _value(bound: BoundField) -> str:
    value = bound.field.widget.format_value(bound.value())
    return "" if value is None else str(value)


def _attributes(bound: BoundField, *taken: str) -> Params:
    """Return the widget's own attributes, without those which the component has a name for."""
    attrs = bound.field.widget.attrs
    return {k: v for k, v in attrs.items() if k not in {"class", "required", *taken}}


# Each builder fills `params` for one component, and may name another component instead.


def _text(bound: BoundField, params: Params) -> str | None:
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "text")
    named = ("autocomplete", "inputmode", "spellcheck", "autocapitalize", "pattern", "type")
    params |= {"label": params.pop("_label"), "value": _value(bound)}
    params |= {name: widget.attrs[name] for name in named if name in widget.attrs}
    params["attributes"] = _attributes(bound, *named)
    if isinstance(widget, forms.NumberInput):  # GOV.UK: no spinners, a keypad on the phone
        whole = isinstance(bound.field, forms.IntegerField)
        params |= {"type": "text", "inputmode": "numeric" if whole else "decimal"}
        params["attributes"] = {}
    elif isinstance(widget, forms.DateTimeInput):
        params["type"] = "datetime-local"
    else:
        params.setdefault("type", kind)
    if kind == "email":
        params |= {"spellcheck": False, "autocomplete": params.get("autocomplete", "email")}
    return None


def _password(bound: BoundField, params: Params) -> None:
    params |= {"label": params.pop("_label")}  # a password is never sent back to the page
    params["autocomplete"] = bound.field.widget.attrs.get("autocomplete", "current-password")


def _textarea(bound: BoundField, params: Params) -> str | None:
    attrs = bound.field.widget.attrs
    params |= {"label": params.pop("_label"), "value": _value(bound)}
    chosen = int(attrs.get("rows", 10))
    params["rows"] = 5 if chosen == 10 else chosen  # 10 is what Django writes unasked
    params["attributes"] = _attributes(bound, "rows", "cols", "maxlength", "minlength")
    limit = getattr(bound.field, "max_length", None)
    if limit and limit > LONG_TEXT:
        params |= {"maxlength": limit, "threshold": 75}
        return "character-count"
    return None


def _options(bound: BoundField) -> Iterable[Params]:
    widget = bound.field.widget
    chosen = widget.format_value(bound.value())
    for _, options, _ in widget.optgroups(bound.html_name, chosen):
        for option in options:
            if not isinstance(option, dict):  # pragma: no cover  (Django's own type is loose)
                continue
            yield option


def _select(bound: BoundField, params: Params) -> None:
    params["label"] = params.pop("_label")
    params["items"] = [
        {"value": str(o["value"]), "text": str(o["label"]), "selected": bool(o["selected"])}
        for o in _options(bound)
    ]
    params["attributes"] = _attributes(bound)


def _choices(bound: BoundField, params: Params) -> None:
    reveals = params.pop("_conditional")
    params["fieldset"] = {"legend": params.pop("_label")}
    params["items"] = [
        {
            "value": str(o["value"]),
            "text": str(o["label"]),
            "checked": bool(o["selected"]),
            "conditional": {"html": reveals.get(str(o["value"]), "")},
        }
        | ({"hint": {"text": o["label"].hint}} if getattr(o["label"], "hint", "") else {})
        for o in _options(bound)
        if str(o["value"]) or not bound.field.required  # no "---------" among radios
    ]
    own = bound.field.widget.attrs.get("class", "")  # such as app-many: a box that scrolls
    params["classes"] = f"{own} {params['classes']}".strip()


def _tick(bound: BoundField, params: Params) -> None:
    label = params.pop("_label")
    reveals = params.pop("_conditional")
    hint = {"hint": params.pop("hint")} if "hint" in params else {}
    params["items"] = [
        {
            "id": bound.auto_id,
            "value": "on",
            "text": label["text"],
            "checked": bool(bound.value()),
            "conditional": {"html": reveals.get("on", "")},
        }
        | hint
    ]


def _date(bound: BoundField, params: Params) -> None:
    """Show three boxes; the names are those that SelectDateWidget reads back."""
    value = bound.value()
    parts = bound.field.widget.format_value(value)
    if isinstance(value, str) and value.count("-") == 2:  # what was typed, though it is no date
        year, month, day = value.split("-")
        parts = {"year": year, "month": month, "day": day}
    params["fieldset"] = {"legend": params.pop("_label"), "role": "group"}
    params.setdefault("hint", {"text": "For example, 27 3 2026"})
    error = " govuk-input--error" if "errorMessage" in params else ""
    params["items"] = [
        {
            "id": f"{bound.auto_id}_{part}",
            "name": f"{bound.html_name}_{part}",
            "label": part.capitalize(),
            "value": "" if parts.get(part) is None else str(parts[part]),
            "classes": f"govuk-input--width-{4 if part == 'year' else 2}{error}",
        }
        for part in ("day", "month", "year")
    ]


def _file(bound: BoundField, params: Params) -> None:
    params |= {"label": params.pop("_label"), "attributes": _attributes(bound)}


Build = Callable[[BoundField, Params], str | None]
_GROUPS = frozenset({"radios", "checkboxes", "date-input"})
COMPONENTS: dict[type[forms.Widget], tuple[str, Build]] = {  # the first that fits
    forms.SelectDateWidget: ("date-input", _date),
    forms.CheckboxSelectMultiple: ("checkboxes", _choices),
    forms.RadioSelect: ("radios", _choices),
    forms.CheckboxInput: ("checkboxes", _tick),
    forms.Select: ("select", _select),
    forms.Textarea: ("textarea", _textarea),
    forms.PasswordInput: ("password-input", _password),
    forms.FileInput: ("file-upload", _file),
    forms.widgets.Input: ("input", _text),
}
