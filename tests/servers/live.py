"""A whole studio for programs that call its API: what `manage.py up` starts, and its operator's commands."""

import subprocess

from tests.servers.studio import Studio

KEYS_ON_PLANS = """
import uuid
from runwayweb.accounts.models import User
from runwayweb.api.models import Key
from runwayweb.subscriptions.models import Plan, Subscription

for columns in PLANS:
    name = uuid.uuid4().hex[:8]
    user = User.objects.create_user(f"{name}@example.org")
    workspace = user.open_workspace()
    plan = Plan.objects.create(slug=name, name=name, position=90, **columns)
    Subscription.objects.assign(workspace, plan)
    print(Key.objects.issue(workspace, by=user, name="Stories")[1])
"""


class LiveStudio(Studio):
    """`url` is what a client takes for its base URL."""

    def __init__(self, folder, **env):
        # The model that a new installation draws with, and leases as there: on a busy machine a worker that is late
        # must not lose its run.
        super().__init__(folder, times={}, **{"RUNWAYWEB_DEFAULT_MODEL": "built-in"} | env)
        self.url = f"http://127.0.0.1:{self.port}"

    def prints(self, *command):
        """What a command prints, run beside the studio."""
        done = subprocess.run(
            self.manage(*command),
            cwd=self.source,
            env=self.env,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def new_key(self, *options, email="ada@example.org"):
        """A key that the operator makes, with these options of `manage.py create_api_key`."""
        return self.prints("create_api_key", email, *options).splitlines()[-1]

    def keys_on_plans(self, *plans):
        """A key each of somebody new, who is on a plan of their own with these columns."""
        return self.prints("shell", "-v", "0", "-c", KEYS_ON_PLANS.replace("PLANS", repr(plans))).split()[-len(plans) :]

    def speaking(self, key):
        """What Runway's clients read from the environment."""
        return {"RUNWAYML_BASE_URL": self.url, "RUNWAYML_API_SECRET": key}
