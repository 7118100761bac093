"""The pages of this room, a module for each."""

from accounts.views.entrance import locked_out

__all__ = ["locked_out"]
