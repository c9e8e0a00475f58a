"""Mail domains that anybody may have an address at: that two share one says nothing about them."""

from __future__ import annotations

from typing import Final

PUBLIC: Final = frozenset((
    "gmail.com", "googlemail.com", "hotmail.com", "hotmail.es", "hotmail.fr", "hotmail.it", "hotmail.com.ar",
    "hotmail.com.mx", "outlook.com", "outlook.es", "outlook.com.ar", "outlook.cl", "live.com", "live.com.ar",
    "live.com.mx", "msn.com", "yahoo.com", "yahoo.es", "yahoo.com.ar", "yahoo.com.mx", "yahoo.com.co",
    "yahoo.com.ve", "yahoo.cl", "ymail.com", "rocketmail.com", "icloud.com", "me.com", "mac.com", "aol.com",
    "gmx.com", "gmx.es", "gmx.net", "mail.com", "mail.ru", "yandex.com", "proton.me", "protonmail.com",
    "pm.me", "zoho.com", "telefonica.net", "terra.es", "terra.com", "ya.com", "orange.es", "ono.com",
    "vodafone.es", "movistar.es", "wanadoo.es", "eresmas.com", "jazzfree.com", "tiscali.es", "cantv.net",
    "fibertel.com.ar", "speedy.com.ar", "arnet.com.ar", "prodigy.net.mx", "une.net.co", "vtr.net",
    "uol.com.br", "bol.com.br", "terra.com.br", "sapo.pt", "free.fr", "laposte.net", "libero.it", "web.de",
    "t-online.de", "andorra.ad", "suport.cat",
))  # fmt: skip
