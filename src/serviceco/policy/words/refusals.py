"""Reasons why a policy cannot be published, or why none answers."""

from serviceco.core.refusals import Refusal


class NoPolicyInForce(Refusal):
    """The company has no policy of that brand for that day."""

    code = "NO_POLICY_IN_FORCE"


class PolicyVersionTaken(Refusal):
    """A published version is never changed: the pack differs from what stands under its version."""

    code = "POLICY_VERSION_TAKEN"
