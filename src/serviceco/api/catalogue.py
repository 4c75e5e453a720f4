"""Categories, models and symptoms in GraphQL."""

from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from serviceco.api.plan.access import SIGNED_IN
from serviceco.api.plan.fields import column, many, to_many, to_one
from serviceco.api.plan.filters import equals
from serviceco.api.plan.nodes import Node
from serviceco.api.plan.types import planned
from serviceco.api.tenancy import BrandType
from serviceco.catalogue.tables import Category, ProductModel, Symptom


@planned(Symptom, description="A coded symptom as the customer perceives it.", needs=SIGNED_IN)
class SymptomType:
    """GraphQL face of a symptom."""

    code: str = column(Symptom.code, "Its code.")
    names: JSON = column(Symptom.names, "Name per language: `zh_hans`, `zh_hant`, `en`.")
    position: int = column(Symptom.position, "Its place among the chips of the counter, from 1.")


@planned(Category, description="A kind of product.", needs=SIGNED_IN)
class CategoryType(Node):
    """GraphQL face of a category."""

    id: UUID = column(Category.id, "Its id.")
    code: str = column(Category.code, "Short code.")
    names: JSON = column(Category.names, "Name per language: `zh_hans`, `zh_hant`, `en`.")
    ords_id: int | None = column(
        Category.ords_id, "Its number in the Open Repair Data Standard, if it has one."
    )
    symptoms: list[SymptomType] = to_many(
        Symptom.category_id,
        "Its symptoms, in the order of the counter's chips.",
        order_by=(Symptom.position, Symptom.id),
        at_most=40,
    )


@planned(ProductModel, description="A model of a brand.", needs=SIGNED_IN)
class ProductModelType(Node):
    """GraphQL face of a model."""

    id: UUID = column(ProductModel.id, "Its id.")
    code: str = column(ProductModel.code, "Model code of the brand.")
    name: str = column(ProductModel.name, "Name as printed.")
    brand: BrandType = to_one(ProductModel.brand_id, "Its brand.")
    category: CategoryType = to_one(ProductModel.category_id, "Its category.")


@strawberry.type
class CatalogueQueries:
    """Root fields of the catalogue."""

    categories: list[CategoryType] = many(
        "All categories, by code.",
        order_by=(Category.code,),
        at_most=200,
        filters={"code": equals(Category.code, "Only the category of this code.")},
    )
    models: list[ProductModelType] = many(
        "Models, by code.",
        order_by=(ProductModel.code, ProductModel.id),
        at_most=500,
        filters={
            "brand_id": equals(ProductModel.brand_id, "Only models of this brand."),
            "category_id": equals(ProductModel.category_id, "Only models of this category."),
        },
    )


QUERIES = (CatalogueQueries,)
