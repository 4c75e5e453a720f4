"""Who may touch what: written down by hand, and held against the schema and against its answers.

A field that is not in here fails the matrix. Whoever adds a field says here who may touch it; a
type's fields ask what their type asks, but for the exceptions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from serviceco.core.actor import Actor, ActorKind, Permission

_P, _K = Permission, ActorKind


@dataclass(frozen=True)
class Need:
    """Which kinds of actor, acting for a company, for a brand or (None) for either; which permission."""

    permission: Permission | None = None
    kinds: frozenset[ActorKind] = frozenset({_K.STAFF, _K.MACHINE, _K.SUPPORT, _K.SYSTEM})
    of_brand: bool | None = False

    def admits(self, actor: Actor) -> bool:
        """Tell whether the actor may touch the field."""
        acts_for_brand = actor.brand_id is not None
        has_it = self.permission is None or self.permission in actor.permissions
        return self.of_brand in (None, acts_for_brand) and actor.kind in self.kinds and has_it


COMPANY = Need()
CUSTOMER = Need(None, frozenset({_K.CUSTOMER}))
BRAND = Need(None, frozenset({_K.BRAND, _K.MACHINE, _K.SYSTEM}), of_brand=True)
BRAND_CLAIMS = Need(_P.READ_CLAIMS, BRAND.kinds, of_brand=True)
WEBHOOKS = Need(_P.MANAGE_WEBHOOKS, COMPANY.kinds | BRAND.kinds, of_brand=None)
OFFICE = Need(_P.MANAGE_TENANT, frozenset({_K.STAFF, _K.SYSTEM}))


def own(permission: Permission) -> Need:
    """What support, who looks on for a while, is not shown: money, words, proofs, what people are."""
    return Need(permission, COMPANY.kinds - {_K.SUPPORT})


def people(permission: Permission) -> Need:
    """What only people of the company do: a machine answers for nobody's privacy."""
    return Need(permission, frozenset({_K.STAFF, _K.SYSTEM}))


ORDERS, CLAIMS = Need(_P.READ_ORDERS), Need(_P.READ_CLAIMS)

_QUERIES: Mapping[Need, str] = {
    COMPANY: "branch branches brands categories contract contracts models node roles viewer",
    ORDERS: "board boardCounts claimEvidence devices inspectionStandard order orderChanged orders"
    " scan scannedModel staff",
    CLAIMS: "claim claimCounts claimTotals claims",
    Need(_P.READ_CUSTOMERS): "customers knownCustomers",
    Need(_P.READ_POLICY): "policyDraft policyDraftChanges policyDraftFindings policyDrafts"
    " policyVersion policyVersions",
    Need(_P.WRITE_POLICY): "policyReplay policyReplayCells policyReplayLines policyReplayModels"
    " policyReplayOrders policyReplays",
    Need(_P.READ_REPORTS): "branchPerformance turnaroundDistribution weeklyVolume",
    Need(_P.QUOTE): "priceList",
    Need(_P.IMPORT_HISTORY): "importRun importRuns",
    Need(_P.MANAGE_BRANDS): "aliasOrders brandAliases brandProposals",
    Need(_P.MANAGE_STAFF): "colleagues staffLog",
    Need(_P.READ_MONEY): "orderTotals",
    Need(_P.MANAGE_TENANT): "branchStaffing brandReadiness",
    WEBHOOKS: "webhookDeliveries webhookDelivery webhookEndpoint webhookEndpoints",
    Need(_P.RECEIVE_DEVICE): "coveragePreview intakeDraft intakeDrafts",
    people(_P.MANAGE_PRIVACY): "auditRecords person personExport personsByPhone retentionPeriods",
    CUSTOMER: "trackedOrder",
    OFFICE: "machines supportConsents",
    BRAND: "brandProfile",
    BRAND_CLAIMS: "brandCase brandCaseCounts brandCases brandClaim brandClaimTotals brandClaims"
    " brandContractors",
}

_MUTATIONS: Mapping[Need, str] = {
    Need(_P.RECEIVE_DEVICE): "addProof discardIntakeDraft receiveDevice revokeCustomerLink"
    " saveIntakeDraft",
    people(_P.READ_ORDERS): "revealCustomer",
    people(_P.MANAGE_PRIVACY): "erasePerson exportPerson setRetention",
    CUSTOMER: "answerQuote",
    Need(_P.INSPECT_DEVICE): "answerSteps concludeInspection startInspection",
    Need(_P.QUOTE): "decideCoverage proposeLine removeLine sendQuote",
    Need(_P.APPROVE_QUOTE): "decideQuote declineRepair",
    Need(_P.REPAIR): "completeRepair startRepair waitForParts",
    Need(_P.CHECK_QUALITY): "checkQuality",
    Need(_P.CANCEL_ORDER): "cancelOrder",
    Need(_P.ASSIGN_ORDER): "assignOrder",
    own(_P.READ_ORDERS): "undoLatest",
    Need(_P.TAKE_PAYMENT): "refundPayment takePayment",
    Need(_P.HAND_OVER): "handOver",
    Need(_P.SUBMIT_CLAIM): "recheckClaim submitClaim",
    Need(_P.MANAGE_BRANDS): "authoriseBranch coverCategories decideBrandAlias decideBrandAliases"
    " endContract setCategoryLevels signContract withdrawBranch",
    Need(_P.MANAGE_TENANT): "changeBranch closeBranch openBranch reopenBranch",
    Need(
        _P.WRITE_POLICY
    ): "cancelPolicyReplay openPolicyDraft replayPolicyDraft replayPolicyVersion"
    " savePolicyDraft submitPolicyDraft withdrawPolicyDraft",
    Need(_P.PUBLISH_POLICY): "publishPolicyDraft returnPolicyDraft",
    WEBHOOKS: "changeWebhookEndpoint createWebhookEndpoint pauseWebhookEndpoint"
    " removeWebhookEndpoint replayFailedWebhooks replayWebhookDelivery resumeWebhookEndpoint"
    " rotateWebhookSecret sendWebhookTest",
    Need(_P.MANAGE_STAFF): "changeStaffRights deactivateStaff inviteStaff inviteStaffAgain"
    " openPasswordReset reactivateStaff resetSecondFactor withdrawInvitation",
    OFFICE: "changeClientScopes createMachineClient revokeMachineClient revokeMachineKey"
    " rotateClientSecret grantSupport withdrawSupport",
}

_TYPES: Mapping[Need, str] = {
    COMPANY: "Branch Brand Category Contract ContractBranch ProductModel Staff Symptom",
    ORDERS: "CoverageDecision Device Event InspectionResult MaskedCustomer OrderLine Photo"
    " QualityCheck RepairOrder StatusCount",
    own(_P.READ_ORDERS): "CustomerWords Payment ProofOfPurchase Quote",
    people(_P.READ_ORDERS): "Reveal RevealedCustomer",
    CLAIMS: "Claim ClaimCount ClaimLine ClaimTotal",
    Need(_P.READ_CUSTOMERS): "Customer",
    Need(_P.READ_MONEY): "OrderTotal",
    Need(_P.READ_POLICY): "PolicyDraft PolicyVersion",
    Need(_P.WRITE_POLICY): "PolicyReplay PolicyReplayCell PolicyReplayModel PolicyReplayOrder",
    Need(_P.RECEIVE_DEVICE): "IntakeDraft",
    Need(_P.IMPORT_HISTORY): "ImportRun",
    Need(_P.MANAGE_BRANDS): "BrandAlias",
    people(_P.MANAGE_PRIVACY): "AuditRecord RetentionRule",
    WEBHOOKS: "WebhookAttempt WebhookDelivery WebhookEndpoint",
    CUSTOMER: "AnsweredQuote",
    OFFICE: "MachineClient MachineKey SupportConsent",
    BRAND: "BrandProfile",
    BRAND_CLAIMS: "BrandCase BrandCaseCount BrandClaim BrandClaimLine BrandClaimTotal"
    " BrandContractor",
}

_EXCEPTIONS: Mapping[Need, str] = {
    Need(_P.READ_CUSTOMERS): "RepairOrder.customer",
    CLAIMS: "RepairOrder.claim",
    ORDERS: "Claim.order ClaimLine.decision Customer.orders PolicyReplayOrder.order",
    own(_P.READ_ORDERS): "Event.detail OrderLine.amount OrderLine.price RepairOrder.brandAmount"
    " RepairOrder.customerAmount RepairOrder.otherAmount RepairOrder.paidAmount"
    " RepairOrder.tenantAmount",
    own(_P.READ_CLAIMS): "Claim.amount ClaimLine.amount ClaimTotal.amount",
    own(_P.READ_MONEY): "OrderTotal.brandAmount OrderTotal.customerAmount OrderTotal.otherAmount"
    " OrderTotal.paidAmount OrderTotal.tenantAmount "
    + " ".join(
        f"{name}.{payer}{side}"
        for name in ("PolicyReplayCell", "PolicyReplayModel", "PolicyReplayOrder")
        for payer in ("brand", "customer", "other", "tenant")
        for side in ("After", "Before")
    ),
}


def _by_name(table: Mapping[Need, str]) -> dict[str, Need]:
    pairs = [(name, need) for need, names in table.items() for name in names.split()]
    found = dict(pairs)
    assert len(found) == len(pairs), "a name stands in the table twice"
    return found


QUERIES = _by_name(_QUERIES)
MUTATIONS = _by_name(_MUTATIONS)
TYPES = _by_name(_TYPES)
EXCEPTIONS = _by_name(_EXCEPTIONS)


def need_of(type_name: str, field: str) -> Need | None:
    """Return who may touch a field of a planned type; None where nobody has decided."""
    return EXCEPTIONS.get(f"{type_name}.{field}") or TYPES.get(type_name)


def stale_names(there: Iterator[str]) -> set[str]:
    """Return what the table decides of fields and types that are not there any more."""
    return (QUERIES.keys() | MUTATIONS.keys() | TYPES.keys() | EXCEPTIONS.keys()) - set(there)
