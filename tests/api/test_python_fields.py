from serviceco.api.plan.fields import Filled
from serviceco.api.schema import service_schema

# Each makes an answer be parsed and written again: a field is added here on purpose.
MADE_IN_PYTHON = {
    "MaskedCustomer.name",
    "MaskedCustomer.phone",
    "RepairOrder.nextStep",
    "RepairOrder.openSteps",
}


def test_the_fields_that_python_makes_are_these():
    types = service_schema().model.types.values()
    assert {
        f"{type_.name}.{field.name}"
        for type_ in types
        for field in type_.fields.values()
        if isinstance(field.declaration, Filled)
    } == MADE_IN_PYTHON
