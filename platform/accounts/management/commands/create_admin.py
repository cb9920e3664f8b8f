"""Makes the first admin of a workspace, where there are no sample people."""

import getpass
import os
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.text import slugify

from accounts import services
from accounts.models import Role, User, Workspace


class Command(BaseCommand):
    help = "Create an admin, and the workspace if it is new. Asks for a password, or uses XIAOYU_ADMIN_PASSWORD."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--workspace", default="Main", help="the workspace's name (default: Main)")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.filter(username__iexact=options["username"]).exists():
            raise CommandError(f"{options['username']} exists already.")
        password = os.environ.get("XIAOYU_ADMIN_PASSWORD") or getpass.getpass("Password: ")
        try:
            validate_password(password, User(username=options["username"]))
        except ValidationError as weak:
            raise CommandError(" ".join(weak.messages)) from None
        name = options["workspace"]
        workspace = Workspace.objects.filter(name=name).first() or services.create_workspace(
            name=name, slug=slugify(name) or f"workspace-{Workspace.objects.count() + 1}"
        )
        services.add_person(workspace=workspace, username=options["username"], role=Role.ADMIN, password=password)
        self.stdout.write(f"{options['username']} is admin of {workspace.name}.")
