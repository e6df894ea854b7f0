"""`manage.py plans`: what is sold here, and who is on what."""

import json
import sys
from pathlib import Path

from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction
from django.db.models import Count

from runwayweb.subscriptions.models import Pack, Plan, Subscription
from runwayweb.subscriptions.models.subscription import PaidFor
from runwayweb.subscriptions.told import day_of, workspace_of

FIELDS = [field.name for field in Plan._meta.fields if field.editable and field.name != "id"]
PACK_FIELDS = [field.name for field in Pack._meta.fields if field.editable and field.name != "id"]
NOTHING = ("none", "null", "")
CLAIMS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class Command(BaseCommand):
    help = "List, show, change, add, assign, export and import plans."

    def add_arguments(self, parser):
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list", help="all plans, and how many workspaces are subscribed to each")
        acts.add_parser("show", help="every column of one").add_argument("plan")
        for act in ("set", "add"):
            words = "change columns of one" if act == "set" else "make a new one"
            told = acts.add_parser(act, help=f"{words}: {act} pro seats=20 largest_pixels=none")
            told.add_argument("plan")
            told.add_argument("columns", nargs="*", metavar="COLUMN=VALUE", help=", ".join(FIELDS))
        assign = acts.add_parser("assign", help="put a workspace on a plan, for nothing")
        assign.add_argument("workspace", help="its id, or the e-mail address of its owner")
        assign.add_argument("plan", help="short name of the plan; none: back to the default one")
        assign.add_argument("--until", help="when that ends, as 2027-01-31")
        acts.add_parser("export", help="all plans and packs as JSON, to the console or a file").add_argument(
            "file", nargs="?"
        )
        acts.add_parser("import", help="what was exported, edited or from elsewhere").add_argument("file")
        acts.add_parser("seed", help="the plans of a new installation that are missing")

    def handle(self, *, act, **told):
        getattr(self, f"_{act}")(**{name: told.get(name) for name in self._wants(act)})

    def _wants(self, act):
        return {
            "show": ["plan"], "set": ["plan", "columns"], "add": ["plan", "columns"],
            "assign": ["workspace", "plan", "until"], "export": ["file"], "import": ["file"],
        }.get(act, [])  # fmt: skip

    def _list(self):
        try:
            default = Plan.objects.default()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        for plan in Plan.objects.annotate(subscribed=Count("subscriptions")).order_by("position", "pk"):
            marks = [mark for mark, so in [("default", plan == default), ("not offered", not plan.is_public)] if so]
            self.stdout.write(
                f"{plan.slug:<12} {_money(plan.monthly_cents, plan.currency):>12} a month "
                f"{plan.credits_a_month:>7} credits {plan.subscribed:>5} workspaces  {', '.join(marks)}".rstrip()
            )

    def _show(self, plan):
        plan = _plan(plan)
        for name in FIELDS:
            value = getattr(plan, name)
            self.stdout.write(f"{name:<22} {'none' if value is None else json.dumps(value)}")

    def _set(self, plan, columns):
        plan = _plan(plan)
        self._write(plan, columns)
        self.stdout.write(f"{plan} is changed.")

    def _add(self, plan, columns):
        if Plan.objects.filter(slug=plan).exists():
            raise CommandError(f"There is a plan {plan} already: manage.py plans set {plan} …")
        last = Plan.objects.aggregate(last=models.Max("position"))["last"] or 0
        made = Plan(slug=plan, name=plan.title(), position=last + 10)
        self._write(made, columns)
        self.stdout.write(f"{made} is there.")

    def _assign(self, workspace, plan, until):
        workspace = workspace_of(workspace)
        if plan in NOTHING:
            if Subscription.objects.filter(workspace=workspace).exclude(stripe_id="").exists():
                raise CommandError(f"{workspace} pays for its plan. Cancel that at Stripe or on its billing page.")
            Subscription.objects.filter(workspace=workspace).delete()
            self.stdout.write(f"{workspace} is on {Plan.objects.default()}, the default plan.")
            return
        try:
            Subscription.objects.assign(workspace, _plan(plan), until=until and day_of(until))
        except PaidFor as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{workspace} is on {_plan(plan)}{f' until {until}' if until else ''}.")

    def _export(self, file):
        told = {
            "plans": [{name: getattr(plan, name) for name in FIELDS} for plan in Plan.objects.all()],
            "packs": [{name: getattr(pack, name) for name in PACK_FIELDS} for pack in Pack.objects.all()],
        }
        text = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
        if file:
            Path(file).write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text, ending="")

    def _import(self, file):
        try:
            text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
            told = json.loads(text)
            plans, packs = told.get("plans", []), told.get("packs", [])
            slugs = [row["slug"] for row in (*plans, *packs)]
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except (ValueError, AttributeError, TypeError, KeyError) as error:
            raise CommandError(f"{file} is no list of plans as `manage.py plans export` writes it.") from error
        with transaction.atomic():
            for model, rows in ((Plan, plans), (Pack, packs)):
                for row in rows:
                    one = model.objects.filter(slug=row["slug"]).first() or model()
                    _fill(one, row)
        self.stdout.write(f"{len(slugs)} plans and packs are as {file} has them; others stayed.")

    def _seed(self):
        Plan.objects.seed()
        Pack.objects.seed()
        self.stdout.write("The plans and packs of a new installation are there; those that were, stayed.")

    def _write(self, plan, columns):
        told = {}
        for column in columns:
            name, equals, value = column.partition("=")
            if not equals:
                raise CommandError(f"{column} is no COLUMN=VALUE.")
            told[name] = None if value.lower() in NOTHING else CLAIMS.get(value.lower(), value)
        if "allowed_models" in told:
            told["allowed_models"] = told["allowed_models"].split(",") if told["allowed_models"] else []
        _fill(plan, told)


def _fill(row, told):
    """Write columns, checked as in the admin. Raises CommandError for what is none or may not be."""
    for name, value in told.items():
        try:
            field = row._meta.get_field(name)
            if not field.editable or field.primary_key:
                raise FieldDoesNotExist
            if isinstance(field, models.JSONField):
                if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
                    raise ValidationError("A list of the names of models.")
            elif value is not None:
                value = field.to_python(value)
        except FieldDoesNotExist:
            raise CommandError(f"There is no column {name}. There are: {', '.join(FIELDS)}.") from None
        except ValidationError as error:
            raise CommandError(f"{name}: {' '.join(error.messages)}") from error
        setattr(row, name, value)
    try:
        row.full_clean()
    except ValidationError as error:
        told = "; ".join(f"{name}: {' '.join(said)}" for name, said in error.message_dict.items())
        raise CommandError(told) from error
    row.save()


def _plan(slug):
    plan = Plan.objects.filter(slug=slug).first()
    if plan is None:
        known = ", ".join(Plan.objects.values_list("slug", flat=True))
        raise CommandError(f"There is no plan {slug}. There are: {known}.")
    return plan


def _money(cents, currency):
    return f"{cents / 100:,.2f} {currency.upper()}"
