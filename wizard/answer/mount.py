"""Where the paths of a backend appear to clients: the mount of a route, and its base there."""

from __future__ import annotations

from wizard.answer.urls import path_of
from wizard.model.config import Route
from wizard.record import record


@record
class Mount:
    """A prefix of the clients' paths and what it stands for at the backend.

    Args:
        public: the prefix that clients ask for.
        base: the prefix that the backend gets instead.
    """

    public: str
    base: str

    def inside(self, path: str) -> str | None:
        """The clients' path of a backend's path; None: there is none."""
        if path.startswith(self.base):
            return self.public + path[len(self.base) :]
        return self.public.rstrip("/") if f"{path}/" == self.base else None

    def holds(self, path: str) -> bool:
        """Whether a clients' path is below the mount, or the mount itself without its slash."""
        return path.startswith(self.public) or f"{path}/" == self.public


def mount(route: Route) -> Mount:
    """The mount of a route.

    Of one that an expression makes, it is what the imagined request and its URL do not share.

    Args:
        route: whose URL is known.
    """
    target = path_of(route.request_url or route.backend.url).partition("?")[0]
    literal = not ("Match" in route.kind or route.kind.startswith("RewriteRule"))
    if literal and route.path.startswith("/"):
        rest = route.request_path[len(route.path) :]
        base = target.removesuffix(rest) if rest else target
        return _even(route.path, base or "/")
    return _of_pair(route.request_path, target)


def _even(public: str, base: str) -> Mount:
    """Both with a slash at the end where one has it, for what follows is appended as text."""
    if public.endswith("/") == base.endswith("/"):
        return Mount(public, base)
    return Mount(f"{public.removesuffix('/')}/", f"{base.removesuffix('/')}/")


def _of_pair(public: str, base: str) -> Mount:
    """What is left of both without the segments that they share at their end."""
    first, second = public.split("/"), base.split("/")
    shared = 0
    while shared < min(len(first), len(second)) - 1 and first[-1 - shared] == second[-1 - shared]:
        shared += 1
    if not shared:
        return Mount(public, base)
    return Mount("/".join([*first[:-shared], ""]), "/".join([*second[:-shared], ""]))
