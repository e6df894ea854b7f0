"""What is in the databases that are kept: run inside an installation of the version that is kept (keep.py), and asked
for again after an upgrade (test_upgrades.py).

Of each thing that people would miss there is one: a run that was paid for, keys, webhooks, a plan, links.
"""

SECRET_KEY = "of the kept databases alone, so that what they sealed and signed opens again"
KEY = "rwk_keptkeptkeptkeptkeptkeptkeptkept3Y1QEy"
HOOK, SECRET = "https://example.org/hook", "whsec_kept"


def fill():
    from datetime import UTC, datetime, timedelta

    import numpy as np
    from django.utils import timezone

    from generation.attempt import Attempt
    from generation.models import Review
    from generation.pulse import Pulse
    from projects.models import Share
    from runwayweb.accounts.models import Role
    from runwayweb.api import keys
    from runwayweb.api.models import Delivery, Key
    from runwayweb.api.models.webhook import SEAL
    from runwayweb.assets.models import Asset
    from runwayweb.subscriptions.models import Customer, Payment, Plan, Subscription, Wallet
    from runwayweb.subscriptions.models.lot import Source
    from tests.factories import make_asset, make_generation, make_member, make_project, make_user, two_colors

    ada = make_user("ada")
    project = make_project(ada)
    workspace, far = project.workspace, datetime(2099, 1, 1, tzinfo=UTC)
    make_member(workspace, Role.EDITOR, make_user("grace"))
    # Two things in its library, one of them uploaded.
    make_asset(workspace, b"a picture")
    Asset.objects.keep_picture(two_colors(), workspace=workspace, name="fox.png", origin=Asset.Origin.UPLOADED)

    # A plan that Stripe asks money for, and what was paid and spent.
    Subscription.objects.create(
        workspace=workspace, plan=Plan.objects.get(slug="pro"), stripe_customer="cus_ada", stripe_id="sub_ada",
        period_start=timezone.now(), period_end=far,
    )  # fmt: skip
    Customer.objects.create(workspace=workspace, stripe_id="cus_ada")
    paid = Payment.objects.create(
        workspace=workspace, stripe_id="in_ada", intent="pi_ada", status="paid", cents=2900, currency="usd",
        credits=1000, paid_at=timezone.now(),
    )  # fmt: skip
    wallet = Wallet.objects.of(workspace)
    wallet.grant(paid.credits, reference=paid.reference, expires_at=far, source=Source.PLAN)

    # A run that was drawn and paid for, one that failed and is looked at by the operator, one of each other end.
    pulse = Pulse("gpu")
    drawn = make_generation(project, ada)
    assert Attempt.run_next(pulse)
    drawn.refresh_from_db()
    assert drawn.charged > 0, drawn.failure
    blocked = make_generation(project, ada)
    running = type(blocked).objects.claim_next(pulse.worker)
    assert running.fail(1, code="SAFETY.OUTPUT.VIDEO", message="It may not be shown.")
    Review.objects.get(generation=running).keep_stills(np.full((1, 48, 64, 3), 90, np.uint8))
    make_generation(project, ada).cancel()
    make_generation(project, ada)

    # What programs have.
    key, _plain = Key.objects.issue(workspace, by=ada, name="Render farm", credit_budget=500)
    Key.objects.filter(pk=key.pk).update(digest=keys.digest_of(KEY), last_four=KEY[-4:])
    endpoint = workspace.webhooks.create(url=HOOK, event_types=["*"])  # by no verb that asks for its address
    endpoint.secrets.create(sealed=SEAL.seal(SECRET))
    endpoint.listen_from_now()
    Delivery.objects.create(endpoint=endpoint, sequence=1, event_type="task.succeeded", payload={"id": "1"})
    # Whom it was shown to.
    Share.objects.make(project, by=ada, expires_at=far, name="For Grace", password="a red fox")
    Share.objects.make(project, by=ada, expires_at=timezone.now() + timedelta(days=1)).revoke(by=ada)


def ask():
    """Raises AssertionError where something of it does not do any more what it did."""
    from projects.models import Share
    from runwayweb.api.models import Delivery, Endpoint, Key
    from runwayweb.subscriptions.models import Payment, Subscription, Wallet

    key = Key.objects.find(KEY)
    assert key and key.may("generate") and key.credit_budget == 500
    workspace = key.workspace
    endpoint = Endpoint.objects.get(workspace=workspace)
    assert endpoint.url == HOOK and endpoint.is_enabled and endpoint.plain_secrets() == [SECRET]
    assert Delivery.objects.get(endpoint=endpoint).payload == {"id": "1"}
    share = Share.objects.open().get(project__workspace=workspace)
    assert Share.objects.of_link(share.token) == share
    assert share.knows("a red fox") and not share.knows("a blue fox")
    subscription = Subscription.objects.get(workspace=workspace)
    assert subscription.in_force and subscription.plan.slug == "pro" and not subscription.is_assigned
    assert Payment.objects.get(workspace=workspace).is_paid
    wallet = Wallet.objects.of(workspace)
    assert wallet.spent > 0 and wallet.available > 900
    assert workspace.assets.get(name="fox.png").origin == "uploaded"
    assert workspace.reviews.get().stills == 1
    assert {one.user.email for one in workspace.memberships.all()} >= {"ada@example.org", "grace@example.org"}
    print("All that was kept does what it did.")
