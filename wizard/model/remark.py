"""The remarks of a plan: a point and its parameters. ``wizard.wording`` makes sentences."""

from __future__ import annotations

from datetime import date
from enum import Enum

from wizard.errors import UsageError
from wizard.record import record


class Point(Enum):
    """Each kind of remark of the search for trust, the plan and its confirmation.

    A point's parameters are those of its sentence in ``wizard.wording.remarks``.
    """

    AS_TOLD = "as-told"
    """Words of httpd, of a verdict or of a finding."""

    # Why a certificate may be trusted
    NAMED_BY_OPERATOR = "named-by-operator"
    INTERMEDIATE_NAMED = "intermediate-named"
    CONFIRMED_BY_OPERATOR = "confirmed-by-operator"
    TRUSTED_ALREADY = "trusted-already"
    ROOT_TRUSTED_ALREADY = "root-trusted-already"
    FOUND_HERE = "found-here"

    # Why none may
    CERTIFICATE_NOT_SEEN = "certificate-not-seen"
    NO_CA_FOUND = "no-ca-found"
    SELF_SIGNED_UNKNOWN = "self-signed-unknown"
    FILE_HOLDS_LEAF = "file-holds-leaf"
    FILE_HOLDS_NO_CA = "file-holds-no-ca"
    FILE_HOLDS_INTERMEDIATE = "file-holds-intermediate"
    FILE_HOLDS_OTHER_KEY = "file-holds-other-key"
    FILE_DID_NOT_SIGN = "file-did-not-sign"
    ISSUER_BETWEEN_MISSING = "issuer-between-missing"
    ISSUER_BETWEEN_LIES_AT = "issuer-between-lies-at"
    ACCEPTED_IS_NO_ROOT = "accepted-is-no-root"
    FOUND_CA_UNNAMED = "found-ca-unnamed"
    PUBLIC_CA_UNNAMED = "public-ca-unnamed"

    # What is offered, and needs a yes
    FOUND_CA_OFFERED = "found-ca-offered"
    FOUND_OWN_OFFERED = "found-own-offered"
    PUBLIC_CA_OFFERED = "public-ca-offered"

    # What the operator should know about it
    PRESENTED_BY_BACKEND = "presented-by-backend"
    ISSUER_LIES_AT = "issuer-lies-at"
    PUBLIC_CA_NAMED = "public-ca-named"
    PUBLIC_CA_ALONE = "public-ca-alone"
    NOT_CONSIDERED = "not-considered"
    NOT_CONSIDERED_BY_LINK = "not-considered-by-link"
    NOT_CONSIDERED_EITHER = "not-considered-either"

    # Why a choice is not possible
    NO_FINGERPRINT = "no-fingerprint"
    UNUSABLE_FILE = "unusable-file"
    USELESS_FILE = "useless-file"
    NOT_PRESENTED = "not-presented"
    TRUST_FILE_UNFIT = "trust-file-unfit"
    NO_PLACE_FOR_BUNDLE = "no-place-for-bundle"
    PLACE_IS_SHARED = "place-is-shared"
    PLACE_IS_SERVED = "place-is-served"
    PLACE_IS_INCLUDED = "place-is-included"
    PLACE_IS_A_STORE = "place-is-a-store"
    PLACE_IS_NO_FILE = "place-is-no-file"
    DAY_WITHOUT_EXCEPTION = "day-without-exception"
    EXCEPTION_WITHOUT_DAY = "exception-without-day"
    DAY_IS_OVER = "day-is-over"
    DAY_IS_TOO_FAR = "day-is-too-far"

    # Why a route is not repaired
    STRICT_WOULD_FAIL = "strict-would-fail"
    CHAIN_FAILS = "chain-fails"
    NO_ADDITION = "no-addition"
    LIST_NEEDED = "list-needed"
    LIST_LIES_AT = "list-lies-at"
    NAME_NOT_COVERED = "name-not-covered"
    OTHER_NAME_LEADS_THERE = "other-name-leads-there"
    NAME_SHOWN = "name-shown"
    NAME_UNKNOWN = "name-unknown"
    NAME_OFFERED = "name-offered"
    NAME_FOR_ADDRESS = "name-for-address"
    NO_WEAKNESS = "no-weakness"
    ONLY_FAILING_ROUTES = "only-failing-routes"
    NO_CHECK_FAILS = "no-check-fails"
    NOT_IN_CONFIGURATION = "not-in-configuration"
    WAITS_FOR_BACKEND = "waits-for-backend"
    LEFT_TO_BACKEND = "left-to-backend"
    NOT_SENT = "not-sent"
    BOTH = "both"
    AND = "and"
    RELEASE_REFUSES = "release-refuses"
    RELEASE_REFUSES_IN_SECTION = "release-refuses-in-section"
    NO_SECTION_FOR_IT = "no-section-for-it"
    NO_SECTION_COUNTS = "no-section-counts"
    URL_FROM_VARIABLES = "url-from-variables"
    URL_IS_YOURS = "url-is-yours"
    ORDER_IS_YOURS = "order-is-yours"
    NOT_SIDE_BY_SIDE = "not-side-by-side"
    SAME_PATH_TWICE = "same-path-twice"
    EXCEPTED = "excepted"
    EXCEPTION_BETWEEN = "exception-between"
    URL_IS_SHARED = "url-is-shared"
    OVERRIDDEN = "overridden"
    CURE_BY_HAND = "cure-by-hand"
    CURE_NOT_IN_FILES = "cure-not-in-files"
    CURE_NOT_A_LINE = "cure-not-a-line"
    CURE_NO_PARAMETER = "cure-no-parameter"
    CURE_PLACE_CHANGES = "cure-place-changes"
    CURES_CONTRADICT = "cures-contradict"
    CURE_WOULD_HARM = "cure-would-harm"
    CURE_NEEDS_MODULE = "cure-needs-module"
    CURE_WITHOUT_EFFECT = "cure-without-effect"
    WOULD_STILL_FAIL = "would-still-fail"
    WOULD_BREAK = "would-break"
    WOULD_CHANGE = "would-change"
    WOULD_WEAKEN = "would-weaken"
    MEMBERS_NEED_OTHER_CAS = "members-need-other-cas"
    SHARES_CONNECTIONS = "shares-connections"
    REPAIRS_CONTRADICT = "repairs-contradict"

    # What has to be done before a plan can be made
    GET_ROOT = "get-root"
    GET_CERTIFICATE = "get-certificate"
    COMPARE = "compare"
    PLAN_WITH_CA = "plan-with-ca"
    PLAN_THE_REST = "plan-the-rest"

    # What follows from a plan
    BUNDLE_GOES_TO = "bundle-goes-to"
    NOT_WRITTEN_TO = "not-written-to"
    HOST_CHANGES = "host-changes"
    COMMENT_SAYS_OPPOSITE = "comment-says-opposite"
    COMMENT_SPEAKS_OF_IT = "comment-speaks-of-it"
    MORE_COMMENTS = "more-comments"
    NAME_CHOSEN = "name-chosen"
    EXPOSED_UNTIL = "exposed-until"
    PROTOCOL_ADDED = "protocol-added"
    DHE_EXCLUDED = "dhe-excluded"
    CIPHER_ADDED = "cipher-added"
    NO_HTTP2 = "no-http2"
    REPAIRED_BY_THE_WAY = "repaired-by-the-way"
    NOT_REPAIRED = "not-repaired"
    BACKENDS_OWN_ANSWER = "backends-own-answer"
    BECOMES_A_ROUTE = "becomes-a-route"
    HARD_LINKS = "hard-links"


NOT_CONSIDERED = frozenset(
    {Point.NOT_CONSIDERED, Point.NOT_CONSIDERED_BY_LINK, Point.NOT_CONSIDERED_EITHER}
)
"""What was passed over in the search for a CA."""
NOT_FOUND = frozenset({Point.NO_CA_FOUND, Point.SELF_SIGNED_UNKNOWN})
"""Why there is no CA: none of this machine, its trust store included, signed the chain."""
OFFERED = frozenset(
    {
        Point.FOUND_CA_OFFERED,
        Point.FOUND_OWN_OFFERED,
        Point.PUBLIC_CA_OFFERED,
        Point.NAME_OFFERED,
    }
)
"""What the operator is asked before a plan is applied."""


@record
class Remark:
    """A point and what it is about.

    Args:
        point: see there.
        values: name and value of each parameter of its sentence, unescaped: the wording escapes
            them.
    """

    point: Point
    values: tuple[tuple[str, Value], ...] = ()


Value = str | int | date | Remark | tuple[str, ...]


def remark(point: Point, **values: Value) -> Remark:
    """A remark, its parameters by name."""
    return Remark(point, tuple(values.items()))


def as_told(text: str) -> Remark:
    """A remark of words that are shown as they are."""
    return remark(Point.AS_TOLD, text=text)


class ChoiceError(UsageError):
    """What the operator chose is not possible. ``wizard.wording.errors`` makes the sentence.

    Args:
        why: why not.
        file: the file concerned.
    """

    def __init__(self, why: Remark, *, file: str = "") -> None:
        super().__init__(why.point.value, file=file)
        self.why = why
