"""The names of cat breeds, and of the breeds of other animals."""

from collections.abc import Mapping

from vetcore.values.animals import Species

__all__ = ["NAMES"]

NAMES: Mapping[Species, str] = {
    Species.CAT: """
Abyssinian
Aegean
American Bobtail
American Curl
American Shorthair
American Wirehair
Asian: Asian Shorthair
Australian Mist
Balinese
Bengal
Birman
Bambino
Bombay
British Longhair
British Shorthair: British Blue
Burmese
Burmilla
California Spangled
Chartreux
Chausie
Chinese Domestic: Dragon Li
Colorpoint Shorthair: Colourpoint Shorthair
Cornish Rex
Cymric
Cyprus: Cyprus Cat
Desert Lynx
Devon Rex
Domestic Longhair: DLH, Domestic Long Hair, Domestic Long Haired
Domestic Mediumhair: DMH, Domestic Medium Hair, Domestic Medium Haired
Domestic Shorthair: DSH, Domestic Short Hair, Domestic Short Haired
Donskoy
Egyptian Mau: Mau
European Shorthair: European
Exotic Longhair
German Rex
Exotic Shorthair: Exotic
Havana Brown: Havana
Highlander
Himalayan
Japanese Bobtail
Javanese
Khao Manee
Korat
Kurilian Bobtail
LaPerm: La Perm
Lykoi
Maine Coon: Maine Coon Cat
Manx
Minskin
Minuet: Napoleon
Munchkin
Nebelung
Neva Masquerade
Norwegian Forest Cat: Norwegian Forest, Wegie
Ocicat
Ojos Azules
Oriental Longhair: Oriental Long Hair
Oriental Shorthair: Oriental, Oriental Short Hair
Persian
Peterbald
Pixie-Bob: Pixiebob
RagaMuffin: Raga Muffin
Ragdoll
Russian Blue
Savannah
Scottish Fold
Scottish Straight
Seychellois
Selkirk Rex
Serengeti
Siamese: Seal Point Siamese, Blue Point Siamese, Lilac Point Siamese, Chocolate Point Siamese, Flame Point Siamese, Lynx Point Siamese
Siberian: Siberian Forest Cat
Singapura
Snowshoe
Sokoke
Somali
Sphynx: Sphinx
Thai
Tiffanie: Asian Longhair, Asian Semi Longhair
Tiffany: Chantilly, Chantilly Tiffany
Tennessee Rex
Tonkinese: Tonk
Toyger
Turkish Angora: Angora
Turkish Van
Ural Rex
York Chocolate
""",
    Species.RABBIT: """
American Rabbit: American
Angora Rabbit: Angora
Belgian Hare
Californian
Checkered Giant
Chinchilla Rabbit
Dutch Rabbit: Dutch
Dwarf Hotot
English Lop
English Spot
Flemish Giant
French Lop
Harlequin
Havana Rabbit: Havana
Himalayan Rabbit: Himalayan
Holland Lop
Jersey Wooly
Lionhead
Mini Lop
Mini Rex
Netherland Dwarf
New Zealand
Polish Rabbit: Polish
Rex
Satin
Silver Marten
""",
    Species.GOAT: """
Alpine
Angora Goat: Angora
Boer
Kiko
LaMancha: La Mancha
Miniature Goat: Miniature, Mini
Nigerian Dwarf
Nubian: Anglo Nubian
Oberhasli
Pygmy: Pygmy Goat
Saanen
Toggenburg
""",
    Species.PIG: """
American Yorkshire: Yorkshire
Berkshire
Duroc
Gloucestershire Old Spots
Guinea Hog
Hampshire
Juliana
Kunekune: Kune Kune
Large Black
Mangalica
Standard Pig: Standard
Tamworth
Vietnamese Pot-Bellied Pig: Pot Bellied, Potbellied, Potbelly Pig, Pot Bellied Pig
""",
    Species.HORSE: """
Andalusian
Appaloosa
Arabian: Arab
Belgian Draft
Clydesdale
Connemara
Dutch Warmblood
Fjord: Norwegian Fjord
Friesian
Gypsy Vanner
Haflinger
Hanoverian
Icelandic Horse: Icelandic
Lipizzan
Miniature Horse: Miniature
Missouri Fox Trotter
Morgan
Mustang
Paint Horse: American Paint, Paint
Percheron
Quarter Horse: American Quarter Horse
Shetland Pony: Shetland
Shire
Standardbred
Tennessee Walking Horse
Thoroughbred
Warmblood
Welsh Pony
""",
}
"""By species, in the same form."""
