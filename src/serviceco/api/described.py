"""Descriptions of what means the same wherever it stands: arguments, values of enums, roots.

Whatever says more about itself where it is declared keeps that.
"""

from collections.abc import Mapping

from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
)

from serviceco.api.enum_words import VALUES

ARGUMENTS: Mapping[str, str] = {
    "accessories": "What goes with the device.",
    "againstId": "The version to compare with; null: with what was decided.",
    "aliasId": "The printed name.",
    "aliasIds": "The printed names.",
    "amountMinor": "How much, in minor units of the order's currency.",
    "answers": "Answers to steps of the standard.",
    "approved": "Whether the customer agreed.",
    "branchId": "The branch.",
    "branchIds": "Only these branches; null is all that you may see.",
    "brandId": "The brand.",
    "categoryCodes": "The categories of products; null is all.",
    "channel": "How the decision arrived.",
    "claimId": "The claim.",
    "clientId": "The client's id.",
    "code": "Its short code, unique in the company.",
    "collector": "Who took the device, if not the customer.",
    "consentId": "The consent.",
    "contractId": "The contract.",
    "coverage": "Only orders that come to this; null is all.",
    "customerId": "The customer.",
    "customers": "Months for which customers would be kept; null is as decided.",
    "deliveryId": "The delivery.",
    "description": "What it is for.",
    "device": "The device.",
    "draftId": "The draft of an intake.",
    "endpointId": "The webhook.",
    "exportId": "The export.",
    "fields": "What was typed so far, by the names of the form.",
    "ground": "Why.",
    "hours": "For how many hours.",
    "intake": "What the counter wrote down.",
    "kept": "What is kept.",
    "keyId": "The key's id.",
    "kinds": "What is told, such as `repair.received`.",
    "levels": "The highest repair level of each category that differs from the branch's own.",
    "line": "The line.",
    "lineId": "The line.",
    "method": "How the money moves.",
    "months": "For how many months after the last use; null is for ever.",
    "mostOrders": "How many orders at most, the latest first.",
    "name": "What people call it.",
    "note": "A remark.",
    "names": "The printed names with the versions that were read.",
    "number": "The number, of twelve digits for an order.",
    "orderNumber": "The order's number.",
    "overlapHours": "How long the former secret serves on, 0 to 720.",
    "passed": "Whether the repair is as it should be.",
    "perBrand": "Whether each brand has a row of its own.",
    "person": "The person.",
    "phone": "The whole telephone number.",
    "photos": "Months for which photos would be kept; null is as decided.",
    "place": "Where it is and how it is reached.",
    "policyDraftId": "The draft of a policy.",
    "proof": "The proof of purchase.",
    "proofs": "Proofs of purchase.",
    "reason": "Why.",
    "reference": "The number of the payment at the bank or provider.",
    "renewed": "Whether a new link takes its place.",
    "repairLevel": "The highest repair level: 1, 2 or 3.",
    "replayId": "The replay.",
    "revision": "Which quote: its number within the order.",
    "roles": "All roles from now on.",
    "scopes": "All that it may do from now on.",
    "secret": "The secret that the caller made: 43 to 128 letters of base64url; of a webhook as told there.",
    "since": "First day, or the instant from which on.",
    "staffId": "The person on the staff.",
    "text": "What was scanned or typed.",
    "token": "The secret of the link that the caller made: 43 to 128 letters of base64url.",
    "until": "First day no longer; null is without end.",
    "url": "Where it is: an https address of a public server.",
    "validDays": "For how many days the quote stands.",
    "version": "The version that was read; another one by now is a conflict.",
    "versionId": "The published version.",
    "words": "Months for which words would be kept; null is as decided.",
    "work": "What was found and done.",
    "zone": "IANA time zone of its days.",
}
TYPES: Mapping[str, str] = {
    "Query": "What may be read. A document asks planned, computed or introspection fields, not both.",
    "Mutation": "What may be changed: one in a document, in one transaction, once for each key.",
    "Subscription": "What may be watched over a websocket, by graphql-transport-ws.",
    "UUID": "A UUID in its canonical form.",
}


def describe(schema: GraphQLSchema) -> None:
    """Fill in the descriptions that a schema lacks, where they are known here."""
    for name, type_ in schema.type_map.items():
        if is_introspection_type(type_):
            continue
        type_.description = type_.description or TYPES.get(name)
        if isinstance(type_, GraphQLEnumType):
            for value, declared in type_.values.items():
                declared.description = declared.description or VALUES.get(name, {}).get(value)
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            _describe_arguments(type_)


def _describe_arguments(type_: GraphQLObjectType | GraphQLInterfaceType) -> None:
    for field in type_.fields.values():
        for name, argument in field.args.items():
            argument.description = argument.description or ARGUMENTS.get(name)
