"""Invented texts, one a line. What is personal stands between « and »; the rest must stay.

Names are of example domains, cards and accounts those that banks print in their manuals,
addresses those kept for documentation, phones in the ranges kept for films where there are any.
"""


def lines(text: str) -> list[str]:
    return text.strip("\n").split("\n")


EMAILS = lines("""
«alice@example.com»
Write to «bob.smith@example.org», please.
my mail is «carol+orders@example.co.uk»
<«dave@mail.example.net»>
mailto:«erin@example.com»
"Frank" <«frank_99@example.com»>
(«grace@example.com»)
«HEIDI@EXAMPLE.COM»!
contact «ivan-petrov@sub.dept.example.edu».
«j@example.com» and «k@example.com»
«judy@example.com»;«karl@example.com»
meine Adresse: «jürgen.groß@example.de»
«max.müller@bücher.example»
«info@xn--bcher-kva.example»
courriel : «hélène.dupont@exemple.example»
escríbeme a «josé_maría@correo.example»
la mia mail è «d'angelo@posta.example»
stuur naar «jan.de.vries@voorbeeld.example»
please mail «priya.sharma@example.co.in» asap
मेरा ईमेल «ravi@example.in» है
«alice@example.museum»
«alice@192-0-2-1.example.com»
email=«alice@example.com»&x=1
?to=«bob@example.com»
«alice@example.com»'s address
'«bob@example.com»'
*«bob@example.com»*
send it to «bob@example.com»/carol
«alice@example.com»: that is me
«ali\u200bce@example.com»
«alice@exam\u00adple.com»
«alice\uff20example.com»
«\uff41\uff4c\uff49\uff43\uff45@example\uff0ecom»
\u202a«alice@example.com»\u202c
call\u200b«alice@example.com»
«a.b.c.d.e@example.com»
«1234567890@example.com»
«007@example.com»
E-Mail:«kundin@example.de»,
«first.last@a-b-c.example.io»
old «alice@example.com» new «alice2@example.com».
"«alice.smith@example.com»"
«alice.@example.com»
«x_y~z@example.com»
«no-reply@shop.example.fr»
reply to «support@example.com»... thanks
<a href="mailto:«bob@example.nl»">mail</a>
{"email": "«eve@example.it»"}
邮箱：«wang@example.cn»
""")

PHONES = lines("""
US call me on «202-555-0123»
US «(202) 555-0123»
US «(202)555-0123» is home
US «202.555.0123»
US «202 555 0123»
US my number is «2025550123»
US «+1 202 555 0123»
US «+1-202-555-0123»
US «+12025550123»
US «+1 (202) 555-0123 ext. 42»
US «1-202-555-0123»
US «202-555-0123 x42»
US «202-555-0123» or «202-555-0199»
US «001 202 555 0123»
US «202/555-0123»
US «202\u2011555\u20110123»
US «202\u00a0555\u00a00123»
US cell: «(415) 555-0132», after 5
US «\uff12\uff10\uff12-\uff15\uff15\uff15-\uff10\uff11\uff12\uff13»
US «202-555\u200b-0123»
US phone number: «555-0123»
UK ring «020 7946 0958»
UK «(020) 7946 0958»
UK «+44 20 7946 0958»
UK «+44 (0)20 7946 0958»
UK «+44(0)2079460958»
UK «0044 20 7946 0958»
UK «07700 900123»
UK «07700900123»
UK «+447700900123»
UK «+44 7700 900 123»
UK «0117 496 0123»
UK «0161-496-0123»
UK «0808 157 0123»
UK «02079460958» thanks
UK «(+44) 20 7946 0958»
UK «020\u202f7946\u202f0958»
UK «020 7946 0958» and «020 7946 0959»
UK «020 7946 0958 ext 12»
UK customer service said «020 7946 0000»
DE «030 23125 123»
DE «030/23125123»
DE «(030) 23125-123»
DE «+49 30 23125 123»
DE «+49 (0)30 23125-123»
DE «+49 (0) 30 / 23 12 51 23»
DE «0049 30 23125123»
DE «0152 28817386»
DE «0171/3920012»
DE «+49 171 3920012»
DE Handy: «01713920012»
DE Tel.: «069 90009 123»
DE Telefonnummer ist «66969123»
DE «0221-4710-123»
DE «089 / 99998-123»
DE «040 66969 12 Durchwahl 34»
FR «01 99 00 12 34»
FR «01.99.00.12.34»
FR «01-99-00-12-34»
FR «0199001234»
FR «+33 1 99 00 12 34»
FR «+33 (0)1 99 00 12 34»
FR «+33199001234»
FR «0033 1 99 00 12 34»
FR mon portable est le «06 39 98 12 34»
FR «06.39.98.12.34», merci
FR «0639981234»
FR «02\u00a061\u00a091\u00a012\u00a034»
FR «01/99/00/12/34»
ES «+34 612 345 678»
ES «+34612345678»
ES «0034 612 345 678»
ES mi móvil es «612345678»
ES «612 345 678»
ES «612 34 56 78»
ES «91 234 56 78»
ES «+34 91 234 56 78»
ES teléfono: «912345678»
ES llámame al «612-345-678»
ES «(+34) 912 345 678»
ES «612-34-56-78»
IT «06 1234 5678»
IT «02 12345678»
IT «333 123 4567»
IT «333-1234567»
IT «338/1234567»
IT «3331234567»
IT «+39 333 123 4567»
IT «+39 06 1234 5678»
IT «0039 02 12345678»
IT cellulare «333 12 34 567»
IT «(06) 12345678»
IT tel. «051 1234567»
NL «020 555 1234»
NL «020-5551234»
NL «06-12345678»
NL «06 12345678»
NL «0612345678»
NL «06 12 34 56 78»
NL «+31 6 12345678»
NL «+31 (0)20 555 1234»
NL «0031 20 555 1234»
NL bel me op «0655512345»
NL «085-5551234»
NL «+31(0)612345678»
IN «+91 98765 43210»
IN «+91-98765-43210»
IN «+919876543210»
IN «98765 43210»
IN «98765-43210»
IN «9876543210»
IN «098765 43210»
IN «0091 98765 43210»
IN «011-2345 6789»
IN «+91 (0)22 2345 6789»
IN «022 2345 6789»
IN मेरा नंबर «\u096f\u096e\u096d\u096c\u096b\u096a\u0969\u0968\u0967\u0966» है
IN whatsapp me on «98765 43210»
IN «987 654 3210»
AT «+43 1 234567»
CH «+41 44 668 18 00»
AU «+61 2 5550 1234»
IE «+353 20 915 1234»
BR «+55 11 5550 1234»
JP «+81 3 1234 5678»
""")

CARDS = lines("""
«4111 1111 1111 1111»
«4111111111111111»
«4111-1111-1111-1111»
card «4012888888881881», thanks
«4222222222222»
«4000 0566 5566 5556»
«5555 5555 5555 4444» 12/29
«5105105105105100»
«5200-8282-8282-8210»
«2223 0031 2200 3222»
«2223003122003222»
«3782 822463 10005»
«378282246310005»
«371449635398431»
«3787-344936-71000»
«30569309025904»
«3056 930902 5904»
«38520000023237»
«3622 720627 1667»
«6011111111111117»
«6011 1111 1111 1117»
«6011000990139424»
«3530111333300000»
«3566 0020 2036 0505»
«6200000000000005»
«6304 0000 0000 0000»
«5425 2334 3010 9903»
«4111 1111 1111 1111» 123
«4111 1111 1111 1111» exp 12/26
meine Karte «4111\u00a01111\u00a01111\u00a01111»
«4111\u20111111\u20111111\u20111111»
«\uff14111 1111 1111 1111»
«4111 1111\u200b 1111 1111»
carte «4111.1111.1111.1111»
tarjeta: «4012-8888-8888-1881».
carta «5555555555554444»
kaart «4111 1111 1111 1111»!
«4111  1111  1111  1111»
order 48213 paid with «4111111111111111»
«4111 11111111 1111»
«4242 4242 4242 4242»
«4242424242424242» and «5555555555554444»
("«4242 4242 4242 4242»")
visa:«4242424242424242»
«6521 1111 1111 1110»
«5019717010103742»
«6759649826438453»
«4917610000000000»
""")

IBANS = lines("""
«GB82 WEST 1234 5698 7654 32»
«GB82WEST12345698765432»
«gb82 west 1234 5698 7654 32»
«GB29 NWBK 6016 1331 9268 19»
«DE89 3704 0044 0532 0130 00»
«DE89370400440532013000»
IBAN: «DE89-3704-0044-0532-0130-00».
«FR14 2004 1010 0505 0001 3M02 606»
«fr1420041010050500013m02606»
«ES91 2100 0418 4502 0005 1332»
«ES9121000418450200051332»
«IT60 X054 2811 1010 0000 0123 456»
«IT60X0542811101000000123456»
«NL91 ABNA 0417 1643 00»
«NL91ABNA0417164300» alsjeblieft
«CH93 0076 2011 6238 5295 7»
«AT61 1904 3002 3457 3201»
«BE68 5390 0754 7034»
«IE29 AIBK 9311 5212 3456 78»
«PT50 0002 0123 1234 5678 9015 4»
«PL61 1090 1014 0000 0712 1981 2874»
«SE45 5000 0000 0583 9825 7466»
«NO93 8601 1117 947»
«DK50 0040 0440 1162 43»
«FI21 1234 5600 0007 85»
«LU28 0019 4006 4475 0000»
«GR16 0110 1250 0000 0001 2300 695»
«CZ65 0800 0000 1920 0014 5399»
«HU42 1177 3016 1111 1018 0000 0000»
«RO49 AAAA 1B31 0075 9384 0000»
«TR33 0006 1005 1978 6457 8413 26»
«SA03 8000 0000 6080 1016 7519»
«AE07 0331 2345 6789 0123 456»
«IL62 0108 0000 0009 9999 999»
«MT84 MALT 0110 0001 2345 MTLC AST0 01S»
«EE38 2200 2210 2014 5685»
«LV80 BANK 0000 4351 9500 1»
«LT12 1000 0111 0100 1000»
«SK31 1200 0000 1987 4263 7541»
«HR12 1001 0051 8630 0016 0»
«BG80 BNBG 9661 1020 3456 78»
«DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000»
«DE89 3704 0044\u200b 0532 0130 00»
«\uff24\uff2589 3704 0044 0532 0130 00»
Konto «DE89370400440532013000», BIC folgt
«GB82 WEST 1234 5698 7654 32» is mine
«DE 89 3704 0044 0532 0130 00»
from «NL91ABNA0417164300» to «BE68539007547034»
«IS14 0159 2600 7654 5510 7303 39»
«LI21 0881 0000 2324 013A A»
""")

IPS = lines("""
«192.0.2.1»
from «192.0.2.45», twice
«198.51.100.7»
«203.0.113.254»
«203.0.113.9»:8080
http://«192.0.2.10»/login
[«198.51.100.23»]
(«198.51.100.99»)
ip=«192.0.2.200»&x=1
my IP is «203.0.113.77».
«192.0.2.0»/24
«10.4.2.1» is our gateway
server «192.0.2.7» is down
«172.16.254.1»
«192.168.1.1»
router at «192.168.178.1»
ping «127.0.0.1»
«192.0.2.1»-«192.0.2.9»
«192.0.2.1», «198.51.100.1»
meine Adresse ist «192.0.2.17»
mon adresse «198.51.100.4»
mi dirección es «203.0.113.5»
il mio indirizzo: «203.0.113.6»
mijn adres «192.0.2.88»!
«\uff11\uff19\uff12.0.2.1»
«192.0.2\u200b.1»
«192\uff0e0\uff0e2\uff0e1»
«2001:db8::1»
«2001:db8:0:0:0:0:0:1»
«2001:0db8:85a3:0000:0000:8a2e:0370:7334»
«2001:DB8:85A3::8A2E:370:7334»
[«2001:db8::7»]:443
«fe80::1»
«fe80::1ff:fe23:4567:890a%eth0»
«::ffff:192.0.2.128»
«2001:db8::»/32
at «2001:db8::1»: no answer
at «2001:db8::1».
«fd12:3456:789a:1::1»
«2001:db8:1::ab9:c0a8:102», then
http://[«2001:db8::1»]/
IPv6 «2001:db8:abcd:12::ff»
«2001:db8::\u200b1»
«64:ff9b::192.0.2.33»
blocked "«2001:db8::dead:beef»"
«2001:db8::a» and «192.0.2.3»
«255.255.255.255»
""")

POSITIVES = {"email": EMAILS, "phone": PHONES, "card": CARDS, "iban": IBANS, "ip": IPS}
