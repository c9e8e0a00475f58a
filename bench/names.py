"""Names by counting, the same in every run, and who signs in."""

from __future__ import annotations

PASSWORD = "a long way to every customer"
SELLERS, TEAMS = 10, 3
FIRST = ("Excavaciones", "Áridos", "Construcciones", "Talleres", "Grúas", "Obras", "Maquinaria", "Canteras")
SECOND = (
    "Duero", "Jalón", "Montseny", "Gredos", "Ebro", "Turia", "Besaya", "Alcores", "Moncayo", "Segura",
    "Llobregat", "Pisuerga", "Sobrarbe", "Urgell", "Bierzo", "Tormes", "Guadiana", "Albarracín", "Cinca",
    "Noguera", "Arlanza", "Odiel", "Priorat", "Maestrazgo", "Sanabria", "Xúquer", "Empordà", "Cazorla",
)  # fmt: skip
PEOPLE = ("Núria", "Andrés", "Begoña", "Oriol", "Íñigo", "Marta", "Jordi", "Lucía", "Raúl", "Mercè", "Álvaro")
SURNAMES = ("Puig", "Ibáñez", "Castaño", "Vila", "Etxeberria", "Romero", "Serra", "Muñoz", "Güell", "Peña")
THINGS = ("Retroexcavadora", "Dúmper", "Grúa torre", "Mantenimiento", "Cinta transportadora", "Repuestos")
CITIES = ("Zaragoza", "Lleida", "Burgos", "Murcia", "Girona", "Sevilla", "Cáceres", "Logroño")
SIZES = {"1k": 1_000, "50k": 50_000, "500k": 500_000}


def people() -> tuple[str, str]:
    """Addresses with which a salesperson and an administrator sign in with PASSWORD."""
    return "seller0@bench.example", "admin@bench.example"


def account_name(number: int) -> str:
    first, second = FIRST[number % len(FIRST)], SECOND[number * 5 // 8 % len(SECOND)]
    return f"{first} {second} {number}"
