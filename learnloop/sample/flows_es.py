"""What the bot asks and answers about each intent, in Spanish."""

from learnloop.sample.phrasebook import CONFIRM, Flow, Phrases, Step

CARD: Phrases = (
    "La de {card_type}.",
    "{card_type}",
    "Es la de {card_type}",
    "La tarjeta de {card_type}, la azul.",
    "De {card_type}, acaba en {last4}",
    "La de {card_type}, número {card_number}",
    "creo que la de {card_type}",
    "Solo la de {card_type}.",
)
DATE: Phrases = (
    "{date}",
    "Creo que {date}.",
    "pues {date}",
    "Fue {date}",
    "{date}, en {city}.",
    "No sé, ¿{date}?",
)
AMOUNT: Phrases = (
    "{amount}",
    "Eran {amount}.",
    "{amount}, creo.",
    "Exactamente {amount}",
)
TO_SEND: Phrases = ("{amount}", "{amount}, por favor", "Envía {amount}.", "{amount}, como siempre")
ACCOUNT: Phrases = (
    "La {account}.",
    "{account}",
    "De la {account}, por favor",
    "la {account}, como siempre",
    "Mi {account}",
)
WHICH_CARD = "débito, crédito o prepago?"

FLOWS: dict[str, Flow] = {
    "card_lost": Flow(
        steps=(
            Step("card_type", f"Lo siento. ¿Qué tarjeta es: {WHICH_CARD}", CARD),
            Step("date", "¿Cuándo la tuviste por última vez?", DATE),
            Step(
                CONFIRM,
                "Tu tarjeta de {card_type} ya está bloqueada. ¿Pido una nueva a tu dirección?",
            ),
        ),
        done="Hecho. Tu nueva tarjeta de {card_type} llega en 4 a 6 días laborables.",
        refused="De acuerdo, no pido otra. La tarjeta perdida sigue bloqueada.",
        asides=(
            ("¿Cuánto cuesta la nueva?", "La tarjeta nueva es gratis."),
            ("¿Y si la encuentro?", "Una tarjeta dada por perdida ya no se puede usar."),
        ),
    ),
    "card_stolen": Flow(
        steps=(
            Step(
                "card_type",
                f"Lo siento mucho, la paramos ahora mismo. ¿Cuál se han llevado: {WHICH_CARD}",
                CARD,
            ),
            Step("date", "¿Cuándo pasó?", DATE),
            Step(
                CONFIRM,
                "Tu tarjeta de {card_type} está bloqueada. ¿Ves pagos que no hiciste tú?",
                ("Sí", "sí, uno de {amount}", "Sí, en {merchant}.", "si, hay dos"),
                ("No", "No, de momento nada.", "no, todo bien", "Que yo vea, no"),
            ),
        ),
        done="Gracias. Nuestro equipo de fraude los revisa y te escribe en un día laborable. "
        "La nueva tarjeta va de camino.",
        refused="Bien. La nueva tarjeta va de camino. Denuncia también el robo a la policía.",
        asides=(("¿Tengo que ir a la policía?", "Sí, y guarda una copia de la denuncia."),),
    ),
    "freeze_card": Flow(
        steps=(
            Step("card_type", f"¿Qué tarjeta quieres congelar: {WHICH_CARD}", CARD),
            Step(
                CONFIRM,
                "Puedo congelar tu tarjeta de {card_type} ahora. Se rechazarán los pagos hasta "
                "que la descongeles. ¿Sigo?",
            ),
        ),
        done="Tu tarjeta de {card_type} está congelada. La descongelas en la app, en Tarjetas.",
        refused="De acuerdo, tu tarjeta de {card_type} sigue activa.",
        asides=(("¿Y las suscripciones?", "También se rechazan mientras está congelada."),),
    ),
    "card_arrival": Flow(
        steps=(
            Step("card_type", f"¿Qué tarjeta esperas: {WHICH_CARD}", CARD),
            Step("date", "¿Cuándo la pediste?", DATE),
        ),
        done="Tu tarjeta de {card_type} ya se envió y debería llegar en 4 días laborables.",
        asides=(("¿No puede llegar antes?", "El envío urgente cuesta 12 € en pedidos nuevos."),),
    ),
    "card_declined": Flow(
        steps=(
            Step("card_type", f"Lo miro. ¿Qué tarjeta fue rechazada: {WHICH_CARD}", CARD),
            Step(
                "place",
                "¿Fue en una tienda, por internet o en un cajero?",
                (
                    "Por internet",
                    "En una tienda de {city}.",
                    "En un cajero",
                    "En el súper {date}",
                    "en la gasolinera",
                    "en todos lados!!",
                ),
            ),
        ),
        done="Ya lo veo: la tarjeta de {card_type} llegó a su límite diario. Puedes subirlo en la "
        "app, en Tarjetas, Límites.",
        asides=(("¿Mañana ya funciona?", "Sí, el límite empieza de nuevo a medianoche."),),
    ),
    "check_balance": Flow(
        steps=(Step("account", "¿Qué cuenta: corriente, de ahorro o conjunta?", ACCOUNT),),
        done="El saldo de tu {account} es de {balance}.",
        asides=(("¿Contando lo de hoy?", "Sí, con todo lo apuntado hasta ahora."),),
    ),
    "transfer_money": Flow(
        steps=(
            Step("amount", "¿Cuánto quieres enviar?", TO_SEND),
            Step(
                "name",
                "¿Para quién es? Dime un nombre guardado o un IBAN.",
                (
                    "{name}",
                    "Para {name}.",
                    "{iban}",
                    "aquí va: {iban}",
                    "A mi casero",
                    "mi hermana",
                ),
            ),
            Step("account", "¿Desde qué cuenta: corriente, de ahorro o conjunta?", ACCOUNT),
            Step(CONFIRM, "Voy a enviar {amount} desde tu {account}. ¿Es correcto?"),
        ),
        done="{amount} van de camino. Suelen llegar en unos minutos.",
        refused="De acuerdo, no se ha enviado nada.",
        asides=(("¿Es gratis?", "Las transferencias en euros son gratis."),),
    ),
    "transfer_failed": Flow(
        steps=(
            Step("date", "La busco. ¿Cuándo la enviaste?", DATE),
            Step("amount", "¿Y cuánto era?", AMOUNT),
        ),
        done="La encontré: el otro banco devolvió {amount} porque el nombre no coincide con el "
        "IBAN. El dinero vuelve a tu cuenta mañana.",
        asides=(("¿Entonces dónde está el dinero?", "Está volviendo a tu cuenta."),),
    ),
    "direct_debit_cancel": Flow(
        steps=(
            Step(
                "merchant",
                "¿Qué empresa te cobra?",
                (
                    "{merchant}",
                    "Es {merchant}.",
                    "{merchant}, {amount} al mes",
                    "se llaman {merchant}",
                ),
            ),
            Step(CONFIRM, "He encontrado un recibo de {merchant}. ¿Lo anulo?"),
        ),
        done="La domiciliación de {merchant} está anulada. Avísales a ellos también.",
        refused="De acuerdo, no se ha cambiado nada.",
        asides=(("¿Me devuelven el último recibo?", "Sí, en ocho semanas, desde la app."),),
    ),
    "dispute_charge": Flow(
        steps=(
            Step("amount", "Vamos a verlo. ¿Cuánto te cobraron?", AMOUNT),
            Step("date", "¿Qué día fue?", DATE),
            Step(CONFIRM, "He encontrado un pago de {amount}. ¿Abro una reclamación?"),
            Step(
                "email",
                "¿Adónde mandamos el formulario?",
                (
                    "{email}",
                    "A {email}, por favor",
                    "mi correo es {email}",
                    "por carta",
                    "a la app",
                ),
            ),
        ),
        done="Tu reclamación está abierta. Contestamos en diez días laborables.",
        refused="De acuerdo, no se ha abierto ninguna reclamación.",
        asides=(("¿Cuánto tarda eso?", "Casi todas se resuelven en tres semanas."),),
    ),
    "reset_pin": Flow(
        steps=(
            Step("card_type", f"¿Para qué tarjeta: {WHICH_CARD}", CARD),
            Step(
                CONFIRM,
                "Puedo enseñarte el PIN en la app. ¿Tienes la app en el móvil?",
                ("Sí", "si, la tengo", "Sí, estoy en la app", "claro"),
                ("No", "no, solo uso la web", "No tengo la app"),
            ),
        ),
        done="Abre Tarjetas y después PIN. Se ve durante veinte segundos.",
        refused="Entonces te llega el PIN por carta en 3 días laborables.",
        asides=(("¿Puedo elegir yo el número?", "Sí, en cualquiera de nuestros cajeros."),),
    ),
    "change_address": Flow(
        steps=(
            Step(
                "street",
                "¿Cuál es tu nueva dirección?",
                ("{street}, {city}", "{street}, en {city}.", "Es {street}, {city}. Tel. {phone}"),
            ),
            Step(CONFIRM, "La usaré para tarjetas y cartas desde ahora. ¿Es correcta?"),
        ),
        done="Gracias, tu dirección está cambiada.",
        refused="De acuerdo, tu dirección queda como estaba.",
        asides=(("¿Hace falta un justificante?", "No, pero avisamos a la dirección anterior."),),
    ),
    "opening_hours": Flow(
        steps=(Step("city", "¿En qué ciudad?", ("{city}", "En {city}.", "{city}, la del centro")),),
        done="La oficina de {city} abre de lunes a viernes de 8:30 a 14:30, los jueves hasta "
        "las 18:00.",
        asides=(("¿Hace falta cita?", "Solo para asesoramiento. A la caja puedes venir sin más."),),
    ),
    "talk_to_person": Flow(
        steps=(
            Step(
                "topic",
                "Puedo ayudarte con casi todo sobre tarjetas y pagos. ¿De qué se trata?",
                (
                    "Solo quiero una persona.",
                    "No, con un humano",
                    "Es por una queja.",
                    "es personal",
                    "prefiero contárselo a un compañero tuyo",
                ),
            ),
        ),
        done="Claro. Te paso con un compañero.",
    ),
}
