"""The names of dogs that are rare in American registers: national breeds, landraces, crosses."""

__all__ = ["CROSSES", "NAMES"]

NAMES = """
Africanis
Alano Espanol: Spanish Bulldog, Spanish Alano
Alpine Dachsbracke
American Staghound
Anglo-Francais de Petite Venerie
Ariege Hound: Ariegeois
Ariege Pointer: Braque de l'Ariege
Artois Hound
Australian Stumpy Tail Cattle Dog: Stumpy Tail Cattle Dog
Austrian Black and Tan Hound
Barbado da Terceira
Basset Artesien Normand
Basset Bleu de Gascogne: Blue Gascony Basset
Beagle Harrier
Belgian Shepherd Dog: Belgian Shepherd
Billy
Black Forest Hound: Slovensky Kopov
Black Norwegian Elkhound
Blue Picardy Spaniel
Bohemian Wirehaired Pointing Griffon: Cesky Fousek
Bosnian Coarse-Haired Hound: Bosnian Hound, Barak
Braque Saint-Germain: St Germain Pointing Dog
Braque d'Auvergne
Brazilian Terrier: Terrier Brasileiro
Briquet Griffon Vendeen
Broholmer
Bull Arab
Burgos Pointer: Perdiguero de Burgos
Castro Laboreiro Dog
Catalan Sheepdog: Gos d'Atura Catala
Cretan Hound
Decker Terrier: Decker Hunting Terrier, Decker Rat Terrier
Dunker: Norwegian Hound
East Siberian Laika
English Pointer
Finnish Hound
French Tricolour Hound: French Tricolor Hound
Frisian Water Dog: Wetterhoun
Galgo Espanol: Galgo, Spanish Greyhound
German Hound: Deutsche Bracke
Great Gascony Blue: Grand Bleu de Gascogne
Greek Harehound: Hellenic Hound
Griffon Nivernais
Hanoverian Scenthound: Hanover Hound
Hungarian Greyhound: Magyar Agar
Hygen Hound: Hygenhund
Indian Pariah Dog: Indian Pariah, Indie Dog, Desi Dog
Istrian Coarse-Haired Hound
Istrian Shorthaired Hound
Karst Shepherd
Kemmer Cur
Koolie: German Coolie, Australian Koolie
Kromfohrlander
Leavitt Bulldog
Lurcher
Majorca Mastiff: Ca de Bou
Majorca Shepherd Dog: Ca de Bestiar
Markiesje
Montenegrin Mountain Hound
Moscow Watchdog
Mountain Feist
Mudhol Hound
Norwegian Grey Elkhound
Old Danish Pointer
Peruvian Hairless Dog: Peruvian Hairless
Phu Quoc Ridgeback
Picardy Spaniel
Plummer Terrier
Poitevin
Polish Greyhound: Chart Polski
Polish Hound: Ogar Polski
Polish Hunting Dog
Polish Tatra Sheepdog: Tatra Shepherd
Pont-Audemer Spaniel
Porcelaine
Portuguese Sheepdog: Serra de Aires, Cao da Serra de Aires
Potcake Dog: Potcake, Bahamian Potcake
Prague Ratter: Prazsky Krysarik
Ratonero Bodeguero Andaluz: Andalusian Terrier
Romanian Bucovina Shepherd
Romanian Mioritic Shepherd: Mioritic
Russo-European Laika
Saint Miguel Cattle Dog: Azores Cattle Dog
Sarplaninac: Yugoslav Shepherd, Illyrian Shepherd
Schiller Hound: Schillerstovare
Segugio Italiano: Italian Hound
Seppala Siberian Sleddog
Serbian Hound
Serbian Tricolour Hound: Serbian Tricolor Hound
Slovakian Rough-Haired Pointer: Slovakian Wirehaired Pointer
Smaland Hound: Smalandsstovare
South Russian Shepherd Dog: South Russian Ovcharka, South Russian Shepherd
Spanish Hound: Sabueso Espanol
Stephens Cur
Styrian Coarse-Haired Hound
Swedish Lapphund
Swiss Hound
Taiwan Dog: Formosan Mountain Dog, Taiwanese Mountain Dog
Teddy Roosevelt Terrier
Tenterfield Terrier
Thai Bangkaew Dog: Thai Bangkaew
Tornjak
Transmontano Mastiff
Transylvanian Hound
Treeing Feist
Tyrolean Hound
Uruguayan Cimarron: Cimarron Uruguayo
Welsh Sheepdog
West Siberian Laika
Westphalian Dachsbracke
Yakutian Laika
"""
"""Breeds."""

CROSSES = """
Aussiepoo
Bassador
Beabull
Borador
Boxador
Bugg
Cavapoochon
Chipoo
Corgipoo
Doxiepoo
Doxle
Doberdoodle
Frenchton
Gerberian Shepsky
Goberian
Goldador
Golden Mountain Dog
Huskador
Jackapoo
Jackchi: Jack Chi
Jug
Labsky
Lurcherdoodle
Mal-Shi
Newfypoo
Newfiedoodle
Pitador
Pitsky
Pomchi
Pomeagle
Poochon: Bichpoo, Bichonpoo
Pyredoodle
Rottle
Saint Berdoodle
Shepadoodle
Shepsky
Shichon: Zuchon, Teddy Bear Dog
Shorkie
Springerdoodle
Texas Heeler
Valley Bulldog
Weimardoodle
Westiepoo
"""
"""Crosses that go by a name of their own."""
