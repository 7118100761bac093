from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        # Connects the receivers of logins and logouts.
        import accounts.security_log  # noqa: F401
