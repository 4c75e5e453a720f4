"""Fictional customers: names of the country, numbers that are valid in form."""

from random import Random

from serviceco.customers.words import CustomerGiven

_CHINESE = ("王李张刘陈杨赵黄周吴徐孙胡朱高林", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚")
_TAIWANESE = ("陳林黃張李王吳劉蔡楊許鄭謝郭洪邱", "志明家豪淑芬美玲俊傑雅婷怡君宗翰佳穎承恩")
_IRISH = (
    ("Aoife", "Cian", "Niamh", "Conor", "Saoirse", "Oisín", "Gráinne", "Eoin", "Mary", "Patrick"),
    ("Byrne", "Kelly", "Walsh", "O'Connor", "Ryan", "Doherty", "Moran", "Nolan", "Keane", "Burke"),
)
_PHONES = {"CN": ("+86 139 {:04d} {:04d}", 10**4), "TW": ("+886 912 {:03d} {:03d}", 10**3)}
_IRISH_PHONE = ("+353 87 {:03d} {:04d}", 10**3)


def somebody_new(dice: Random, country: str, language: str) -> CustomerGiven:
    """Return a customer of the country, who speaks the company's language."""
    form, places = _PHONES.get(country, _IRISH_PHONE)
    phone = form.format(dice.randrange(places), dice.randrange(places))
    return CustomerGiven(phone=phone, name=_name(dice, country), language=language)


def _name(dice: Random, country: str) -> str:
    if country in {"CN", "TW"}:
        families, given = _CHINESE if country == "CN" else _TAIWANESE
        return dice.choice(families) + "".join(dice.choices(given, k=dice.choice((1, 2))))
    return f"{dice.choice(_IRISH[0])} {dice.choice(_IRISH[1])}"
