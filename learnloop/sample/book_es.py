"""The Spanish phrasebook."""

from learnloop.sample import flows_es, phrases_es
from learnloop.sample.phrasebook import BotLines, Phrasebook

BOT = BotLines(
    hello="¡Hola! Puedo ayudarte con tarjetas, pagos y tu cuenta. ¿Qué necesitas?",
    lost=(
        "Perdona, no te he entendido.",
        "Perdona, sigo sin entenderte. Sé de tarjetas, pagos y cuentas. "
        "¿Puedes decirlo con otras palabras?",
    ),
    reask="Perdona, no te he entendido. {prompt}",
    broken="Algo ha fallado por nuestra parte. Vuelve a intentarlo en un momento.",
    sorry="Siento que no funcione. ¿Quieres hablar con un compañero?",
    hand_over="Te paso con un compañero. No cierres este chat, por favor.",
    stay="De acuerdo. Dime otra vez, en pocas palabras, qué necesitas.",
    more="¿Puedo ayudarte en algo más?",
    bye="De nada. ¡Que tengas un buen día!",
    switch="Claro, seguimos en español.",
)

BOOK = Phrasebook(
    direct=phrases_es.DIRECT,
    indirect=phrases_es.INDIRECT,
    flows=flows_es.FLOWS,
    bot=BOT,
    yes=(
        *("Sí", "Sí, por favor", "si", "vale", "Claro.", "Sí, hazlo.", "ok", "Adelante"),
        *("Sí, es correcto.", "Venga", "¡Sí!", "👍", "sí sí", "Correcto"),
    ),
    no=("No", "No, gracias", "no, espera", "Ahora no.", "mejor no", "No, déjalo.", "todavía no"),
    wants_person=("Sí", "sí, por favor", "SÍ", "Sí, ¡por fin!", "vale", "Sí, con una persona."),
    stays=("No", "no, solo contesta mi pregunta", "No tengo tiempo para eso.", "no, gracias"),
    also=("Otra cosa: ", "Y ", "También: ", "Ah, y ", "Otra pregunta: "),
    hello=("Hola, ", "Buenas, ", "¡Hola! ", "Buenos días, ", "Hola. ", "Buenas tardes, "),
    already_said=(
        "Ya te lo he dicho, {value}.",
        "{value}, como he dicho",
        "{value}. Está en mi primer mensaje.",
    ),
    corrections=("No, ", "No. ", "No he preguntado eso. ", "No no, ", "Eso no. "),
    complaints=(
        "Esto no sirve para nada.",
        "¡No entiendes nada!",
        "Lo he preguntado ya tres veces 😡",
        "Qué servicio tan malo.",
        "¿Me estás tomando el pelo?",
        "Me voy a cambiar de banco.",
        "Llevo media hora con esto!!!",
        "¡Lee lo que escribo!",
        "Increíble, siempre igual con vosotros.",
    ),
    thanks=(
        *("¡Gracias!", "Muchas gracias", "Perfecto, gracias", "vale, gracias", "Genial 👍"),
        *("gracias, hasta luego", "Mil gracias 🙏"),
    ),
    no_more=(
        "Nada más, gracias.",
        "No, eso es todo",
        "no, gracias",
        "No, nada más. Adiós",
        "ya está",
    ),
    thanks_for_nothing=(
        *("Déjalo.", "Da igual", "Ya llamo yo.", "Gracias por nada.", "Pues voy a la oficina."),
        *("no me ayuda", "olvídalo"),
    ),
    out_of_scope={
        "loan": (
            "¿Me dais un préstamo de {loan}?",
            "¿Qué interés tiene el préstamo para un coche?",
            "¿Qué hipoteca me puedo permitir?",
            "Quiero pedir {loan} para reformar la cocina.",
            "¿Puedo devolver el préstamo antes?",
            "¿Qué papeles hacen falta para un préstamo?",
        ),
        "wallet": (
            "¿Cómo meto la tarjeta en el móvil?",
            "¿Puedo pagar con el reloj?",
            "Tengo móvil nuevo, ¿cómo pongo la tarjeta?",
            "El pago con el móvil no funciona desde {date}.",
        ),
        "other": (
            "¿Qué tiempo hace en {city}?",
            "¿Quién ganó el partido {date}?",
            "¿Vendéis seguros de viaje?",
            "Cuéntame un chiste",
            "¿Cómo hago la declaración de la renta?",
            "¿Buscáis personal?",
        ),
    },
    good_comments=("Rápido y fácil.", "resuelto en dos minutos", "Muy bien", "👍"),
    bad_comments=(
        "Tuve que escribir lo mismo tres veces.",
        "No me entendió nada.",
        "pregunté una cosa y me contestó otra",
        "Muy lento",
        "Quiero una persona, no esto.",
    ),
    reports=("La respuesta está mal.", "No es lo que he preguntado.", "Me habla de otra tarjeta."),
    slots={
        "card_type": ("débito", "crédito", "crédito", "débito", "prepago"),
        "city": ("Madrid", "Valencia", "Sevilla", "Bilbao", "Málaga", "Lisboa", "San Sebastián"),
        "date": (
            *("ayer", "anoche", "esta mañana", "el viernes", "hace dos días", "el lunes pasado"),
            *("la semana pasada", "anteayer", "el sábado", "el {past}"),
        ),
        "when": ("hoy", "mañana", "el sábado", "el lunes", "esta tarde", "el {coming}"),
        "account": ("cuenta corriente", "cuenta de ahorro", "cuenta conjunta"),
        "amount": ("{n} €", "{n} €", "{n} euros"),
        "loan": ("{thousands}.000 €", "{thousands}000 euros"),
        "balance": ("{thousands}.{hundreds},{cents} €",),
        "name": ("Marta", "mi hermano", "Tomás", "Lucía", "mi hija", "Nadia", "mi madre"),
        "merchant": (
            "Fitorama",
            "StreamPlanet",
            "Kioskito",
            "MegaGadget24",
            "Verdaluz",
            "Bookarro",
        ),
        "street": ("Calle Inventada 12", "Paseo Ficticio 3", "Avenida de Ninguna Parte 7"),
    },
    months=(
        *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto"),
        *("septiembre", "octubre", "noviembre", "diciembre"),
    ),
    day="{day} de {month}",
    short_forms={
        **{"que": "q", "por favor": "xfa", "porque": "xq", "también": "tb", "Por qué": "xq"},
        **{"gracias": "grcs", "para": "pa", "dónde": "dnd"},
    },
)
