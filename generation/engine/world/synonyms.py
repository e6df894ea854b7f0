"""The many words people use for the few things the world can draw. Data only; `lexicon.py` adds plurals and verb forms.

Every table reads: our word → what people write for it (our word itself is always understood). Verbs stand in their base
form. A phrase of several words wins over its parts, so "rain forest" is a forest and not rain.
"""

SPECIES = {
    "bear": "grizzly, grizzly bear, teddy bear, teddy, bear cub, bruin",
    "bunny": "rabbit, hare, bunny rabbit, cottontail",
    "cat": "kitten, kitty, feline, tomcat, tabby, house cat, pussycat, kitty cat, siamese cat, persian cat, calico "
    "cat, alley cat, moggy",
    "dog": "puppy, pup, hound, canine, doggy, doggo, pooch, poodle, terrier, corgi, beagle, retriever, dachshund, "
           "spaniel, pug, chihuahua, dalmatian, greyhound, shepherd dog, mutt, mongrel, schnauzer, pomeranian, "
    "labrador, sheepdog, husky, collie, bulldog",
    "dragon": "wyvern, drake, wyrm",
    "elephant": "pachyderm, elephant calf",
    "fox": "vixen, fox cub, fox kit, reynard",
    "frog": "toad, bullfrog, tree frog, froglet, froggy",
    "knight": "paladin, cavalier, knight in armor, knight in armour, armored knight, armoured knight, chevalier",
    "octopus": "octopi, octopuses",
    "penguin": "emperor penguin",
    "robot": "android, droid, automaton, bot, mech, cyborg, humanoid machine",
    "owl": "owlet, barn owl, snowy owl, night owl",
    "pig": "piglet, hog, swine, sow, piggy",
    "turtle": "tortoise, terrapin, sea turtle",
    "wizard": "sorcerer, sorceress, mage, magician, warlock, witch, enchanter, enchantress, spellcaster, conjurer, "
              "magus",
    "astronaut": "cosmonaut, spaceman, spacewoman, space traveler, space traveller, taikonaut, space explorer",
    "mouse": "field mouse, mousie",
    "unicorn": "",
    "ghost": "spirit, phantom, spectre, specter, ghoul, apparition, spook, poltergeist, wraith",
}  # fmt: skip

# Creatures the world does not hold, and the one that looks most like them. The reading says so in `nearest`.
NEAREST_SPECIES = {
    "bear": "panda, koala, panda bear, koala bear, gorilla, sloth, sloth bear",
    "bunny": "chinchilla",
    "cat": "lion, lioness, tiger, tigress, leopard, panther, cheetah, lynx, puma, jaguar, cougar, bobcat",
    "dog": "wolf, coyote, jackal, wolf cub, wolf pup",
    "dragon": "dinosaur, lizard, crocodile, alligator, tyrannosaurus, t rex, gecko, iguana",
    "elephant": "mammoth, rhino, rhinoceros, hippo, hippopotamus",
    "fox": "raccoon, red panda",
    "octopus": "squid, jellyfish, kraken, cuttlefish",
    "owl": "bird, eagle, hawk, falcon, parrot, crow, raven, pigeon, dove, sparrow, songbird, robin",
    "penguin": "duck, goose, geese, duckling, gosling, swan, chicken, hen, rooster, puffin, seagull, chick",
    "pig": "boar, wild boar, warthog",
    "mouse": "rat, hamster, squirrel, guinea pig, gerbil, hedgehog, chipmunk, mole, vole, dormouse, shrew",
    "unicorn": "horse, pony, mare, foal, stallion, zebra, deer, pegasus, fawn, stag, donkey",
}  # fmt: skip

# Names that bring a colour with them, unless the prompt gives another.
COLORED_SPECIES = {
    "polar bear": "white", "arctic fox": "white", "snow fox": "white", "snow leopard": "white", "snowy owl": "white",
    "black panther": "black", "brown bear": "brown", "black bear": "brown", "red panda": "red", "arctic hare": "white",
    "snow bunny": "white", "snow rabbit": "white",
}  # fmt: skip
COLORED_SPECIES_NAMES = {
    "polar bear": "bear", "arctic fox": "fox", "snow fox": "fox", "snow leopard": "cat", "black panther": "cat",
    "arctic hare": "bunny", "snow bunny": "bunny", "snow rabbit": "bunny",
}  # fmt: skip

COLORS = {
    "red": "crimson, scarlet, vermilion, vermillion, maroon, burgundy, carmine, reddish, cardinal red",
    "orange": "tangerine, orangey, orangish, ginger, gingery, terracotta",
    "yellow": "yellowish, sunny yellow, canary yellow, lemon yellow, mustard yellow, blond, blonde",
    "green": "emerald, greenish, viridian, chartreuse, sage green, jade green",
    "teal": "turquoise, cyan, aquamarine, blue green, green blue, aqua, bluish green, greenish blue",
    "blue": "azure, navy, navy blue, cobalt, cerulean, indigo, bluish, sky blue, midnight blue, ultramarine",
    "violet": "purple, mauve, lilac, lavender, purplish, amethyst purple, magenta purple",
    "pink": "rosy, magenta, fuchsia, pinkish, hot pink, rose pink, baby pink",
    "white": "snow white, snowy white, ivory white, off white, alabaster, whitish, milky white, pearl white, milk "
             "white",
    "black": "jet black, pitch black, inky black, coal black, ebony, raven black, blackish, sable",
    "brown": "chestnut brown, tan, beige, tawny, hazel, umber, sepia, brownish, chocolate brown, russet, auburn, khaki",
    "grey": "gray, silver, silvery, ashen, slate grey, slate gray, greyish, grayish, ash grey, charcoal grey, slate",
    "golden": "gold, gilded, gilt, gold colored, gold coloured",
}  # fmt: skip

# Things that are colours only when they describe another thing: "a ruby fox", "an orange" the fruit is not one.
TINTS = {
    "red": "ruby, cherry, brick, brick red, garnet, blood red, strawberry, rust",
    "orange": "orange, pumpkin, apricot, peach, carrot, amber, copper, marigold",
    "yellow": "lemon, mustard, sunflower, canary, saffron, banana, daffodil",
    "green": "olive, lime, mint, jade, moss, forest green, grass green, sea green, sage, avocado, pea green, fern",
    "blue": "sapphire, denim",
    "violet": "violet, plum, amethyst, grape, lavender, lilac, orchid, aubergine, eggplant",
    "pink": "rose, salmon, coral, bubblegum, flamingo, blush",
    "white": "ivory, cream, pearl, chalk",
    "black": "onyx, obsidian, charcoal, coal, ink, midnight black",
    "brown": "chestnut, chocolate, caramel, cinnamon, bronze, mahogany, cocoa, walnut",
    "grey": "ash, steel, pewter, platinum, chrome",
    "golden": "honey, brass",
}  # fmt: skip

ACCESSORIES = {
    "hat": "cap, top hat, beanie, bowler, bowler hat, straw hat, sun hat, fedora, beret, baseball cap, cowboy hat, "
           "wizard hat, sombrero, bonnet, woolly hat, bobble hat, hood, helmet",
    "scarf": "shawl, muffler, bandana, neckerchief, neck scarf, scarves, kerchief",
    "crown": "tiara, diadem, coronet",
    "glasses": "spectacles, eyeglasses, sunglasses, goggles, shades, monocle, specs, reading glasses",
    "bow tie": "bowtie, necktie, tie, bow tie",
    "backpack": "rucksack, knapsack, school bag, schoolbag, satchel",
    "cape": "cloak, mantle, superhero cape",
    "flower": "flower crown, flower wreath, daisy chain, garland, wreath, crown of flowers",
    "headphones": "headset, earphones, earbuds, earmuffs",
    "party hat": "birthday hat, paper hat, cone hat, pointy party hat",
}  # fmt: skip

# Adjectives that say somebody wears something: "a bespectacled owl".
WORN = {
    "hat": "hatted, capped",
    "scarf": "scarfed, scarved",
    "crown": "crowned",
    "glasses": "bespectacled, spectacled",
    "cape": "caped, cloaked",
    "bow tie": "bow tied",
}

OBJECTS = {
    "balloon": "helium balloon, party balloon, hot air balloon",
    "ball": "beach ball, football, soccer ball, basketball, orb, sphere, rubber ball, beachball, tennis ball",
    "box": "crate, parcel, package, carton, cube, gift, gift box, cardboard box, wooden box, wooden crate",
    "mushroom": "toadstool, fungus, fungi",
    "flower": "rose, tulip, daisy, sunflower, blossom, bouquet, lily, poppy, orchid, daffodil, violet, bloom, daisies",
    "lantern": "lamp, oil lamp, paper lantern, street lamp, lamppost, lamp post",
    "umbrella": "parasol, brolly",
    "boat": "ship, sailboat, rowboat, canoe, raft, sailing boat, rowing boat, dinghy, yacht, galleon, vessel, kayak",
    "car": "truck, van, taxi, automobile, vehicle, bus, race car, sports car, cab, sedan, pickup, pickup truck, jeep",
    "rocket": "spaceship, spacecraft, rocket ship, starship, space ship, space rocket, space shuttle",
    "chair": "stool, armchair, throne, seat, rocking chair, wooden chair",
    "table": "desk, coffee table, wooden table",
    "book": "novel, tome, storybook, notebook, diary, spellbook, volume",
    "cup": "mug, teacup, goblet, chalice, cup of tea, cup of coffee, mug of tea, mug of coffee, mug of cocoa, beaker",
    "candle": "candlestick, taper",
    "star": "",
    "kite": "",
    "cake": "birthday cake, cupcake, pie, gateau, chocolate cake, wedding cake",
    "apple": "",
    "tent": "teepee, tipi, wigwam, yurt, marquee",
    "bell": "handbell, church bell",
    "rock": "boulder, stone, pebble",
    "sign": "signpost, road sign, street sign, wooden sign, stop sign, signboard, placard",
    "chest": "treasure chest, trunk, coffer, treasure box",
    "bench": "park bench, wooden bench, pew, garden bench",
    "snowman": "snowmen, snow man",
    "campfire": "bonfire, camp fire, fireplace, fire pit",
    "guitar": "ukulele, banjo, lute, mandolin",
}  # fmt: skip

PLACES = {
    "meadow": "field, grassland, prairie, pasture, grassy field, grassy hill, grass, lawn, flower field, "
              "field of flowers, field of grass, countryside, steppe, lea, glade, clearing, hillside, savanna, "
              "savannah, "
              "lavender field, field of lavender, wheat field, sunflower field, field of sunflowers, hill",
    "forest": "wood, pine wood, pine forest, woodland, jungle, rainforest, rain forest, grove, thicket, pine tree, "
              "among the trees, birch wood, birch forest, oak forest, between the trees, under the trees, through "
              "the trees, "
              "amid the trees, backwoods, pines, forest floor, tree trunks, spruce forest, fir forest",
    "snow": "snowfield, snow field, snowy field, snowy landscape, snowy plain, snowy hill, tundra, arctic, snowdrift, "
            "antarctica, snowy ground, snowy meadow, ice field, glacier, north pole, south pole, winter landscape, "
            "winter wonderland, frozen plain, snowscape, snowy waste, frozen tundra, ice sheet, arctic ice, iceberg",
    "desert": "dune, sand dune, sahara, sandy desert, wasteland, badlands, sands, arid land, gobi, desert sand",
    "beach": "shore, seashore, seaside, coast, sandy shore, shoreline, sandy beach, coastline, sea shore, oceanfront, "
             "tropical beach, sea, ocean, waterfront, tropical island, desert island, island",
    "city": "town, street, downtown, city street, alley, metropolis, urban street, cityscape, village, big city, "
            "skyscrapers, alleyway, boulevard, avenue, town square, sidewalk, pavement, crosswalk, village square",
    "room": "bedroom, living room, kitchen, indoors, inside a house, inside the house, office, library, classroom, "
            "study, "
            "lounge, parlor, parlour, bathroom, playroom, nursery, attic, dining room, workshop, studio apartment, "
            "apartment, cabin, interior, hallway, cozy home, cosy home, at home",
    "night wood": "dark wood, dark forest, haunted forest, haunted wood, spooky forest, spooky wood, eerie forest, "
                  "eerie wood, moonlit forest, moonlit wood, shadowy forest, shadowy wood, gloomy forest, gloomy wood, "
                  "midnight forest, midnight wood, nocturnal forest, night forest, deep dark wood, deep dark forest",
    "lava field": "volcano, lava, magma, volcanic field, volcanic landscape, lava flow, volcanic wasteland, magma "
                  "field, "
                  "lava plain, crater of a volcano, lava lake, river of lava, lake of lava, volcanic plain",
    "mountains": "mountain, peak, mountain peak, mountain top, mountaintop, alps, cliff, summit, mountain range, "
                 "highlands, ridge, himalayas, rocky mountain, mountain pass, canyon, "
                 "alpine pass",
    "lake": "pond, river, lakeside, lakeshore, lake shore, riverbank, stream, lagoon, riverside, brook, mountain lake, "
            "shore of a lake, shore of the lake, creek, loch, waterside",
    "castle": "fortress, palace, citadel, castle courtyard, throne room, stronghold, chateau, castle wall, keep, "
              "castle yard, ramparts, battlements, castle hall",
    "moon": "lunar surface, moon surface, surface of the moon, lunar landscape, moonscape, lunar crater, moon crater",
    "underwater": "under water, under the sea, under the ocean, ocean floor, sea floor, seabed, seafloor, coral reef, "
                  "deep sea, beneath the waves, below the waves, under the waves, beneath the sea, beneath the ocean, "
                  "bottom of the sea, bottom of the ocean, sea bed, below the surface of the sea, reef, "
                  "beneath the surface of the sea, depths of the ocean, depths of the sea, ocean depths, undersea",
    "garden": "orchard, backyard, park, flower garden, botanical garden, yard, greenhouse, back garden, rose garden, "
              "vegetable garden, city park, flowerbed, flower bed, playground",
    "rooftop": "roof, roof top, terrace, housetop, rooftop terrace, city rooftop, roof terrace, balcony",
}  # fmt: skip

# A wood under a spell: the night wood after dark, a plain forest by day.
ENCHANTED_WOODS = (
    "enchanted forest, enchanted wood, magical forest, magic forest, fairy forest, mystical forest, glowing forest, "
    "fairytale forest, fairy tale forest, magical wood, magic wood, mysterious forest, mystic forest, bewitched forest"
)

ACTIONS = {
    "stand": "pose, wait, pause",
    "walk": "stroll, wander, amble, march, hike, saunter, stride, trot, plod, trudge, tiptoe, waddle, shuffle, "
            "roam, tread, "
            "strut, prowl, pad, step, ramble, meander, hobble, crawl, creep, toddle, mosey, traipse, travel, "
            "stalk, trek, "
            "for a walk, a walk, on a walk, take a stroll, a stroll, on foot, wade, limp, patrol",
    "run": "sprint, jog, dash, race, gallop, scurry, rush, scamper, charge, bolt, hurry, flee, chase, speed, zoom, "
           "hurtle, "
           "for a run, a run, dart, canter, stampede",
    "jump": "leap, hop, bounce, skip, spring, vault, pounce, bound, somersault, mid jump, mid leap",
    "dance": "boogie, waltz, jig, twerk, tango, groove, disco, pirouette, shimmy, a dance, breakdance, a waltz, a jig",
    "sit": "perch, crouch, squat, rest, relax, lounge, seat, take a seat, kneel, meditate",
    "sleep": "nap, snooze, doze, slumber, snore, asleep, take a nap, fast asleep, having a nap, hibernate, doze off, "
             "a nap, lie down, curl up",
    "wave": "greet, wave goodbye, wave hello, say hello, hail, waving at",
    "spin": "twirl, whirl, rotate, revolve, turn around, turn in circles, pivot, gyrate, go round and round, "
            "run in circles",
    "look around": "look about, gaze around, glance around, scan, peer around, look left and right, search, explore, "
                   "look, gaze, watch, stare, peer, glance, observe, look up, look down, survey",
    "fly": "soar, glide, hover, float, levitate, flutter, take off, flap, in flight, airborne, mid flight, mid air",
    "nod": "nod yes, agree, nod its head, nod his head, nod her head",
    "bow": "curtsy, curtsey, take a bow, bow down, bow politely",
    "swim": "paddle, dive, snorkel, splash, backstroke, float in the water, for a swim, a swim",
}  # fmt: skip

# Forms that no rule makes.
IRREGULAR = {
    "run": "ran run running runs", "sit": "sat sitting sits", "sleep": "slept sleeping sleeps",
    "stand": "stood standing stands", "fly": "flew flown flying flies", "swim": "swam swum swimming swims",
    "leap": "leapt leaped leaping leaps", "spin": "spun spinning spins span", "creep": "crept creeping creeps",
    "stride": "strode striding strides", "tread": "trod treading treads", "flee": "fled fleeing flees",
    "spring": "sprang sprung springing springs", "speed": "sped speeding speeds", "kneel": "knelt kneeling kneels",
    "dive": "dove dived diving dives", "wake": "woke", "take": "took taken taking takes", "go": "went gone going goes",
    "lie": "lay lain lying lies", "say": "said saying says",
    "travel": "travelled traveled travelling traveling travels",
    "mouse": "mice", "goose": "geese", "wolf": "wolves", "man": "men", "scarf": "scarves", "leaf": "leaves",
    "deer": "deer", "sheep": "sheep", "octopus": "octopuses octopi", "snowman": "snowmen", "dormouse": "dormice",
    "glasses": "glasses", "headphones": "headphones", "spectacles": "spectacles", "campfire": "campfires",
    "spaceman": "spacemen", "spacewoman": "spacewomen", "hovercraft": "hovercraft", "snow": "snows",
    "spacecraft": "spacecraft", "backpack": "backpacks", "calf": "calves",
    "patrol": "patrolled patrolling patrols", "curl": "curled curling curls", "hurry": "hurried hurrying hurries",
}  # fmt: skip

TIMES_OF_DAY = {
    "morning": "dawn, sunrise, daybreak, first light, early morning, sunup, break of day, break of dawn, crack of "
               "dawn, "
               "rising sun, at breakfast time, morning light, sun rises, sun is rising, sun comes up, sun rising",
    "day": "noon, midday, afternoon, daytime, broad daylight, daylight, high noon, early afternoon, noontime, by day",
    "evening": "dusk, sunset, twilight, golden hour, sundown, late afternoon, blue hour, gloaming, magic hour, "
               "eventide, "
               "nightfall, setting sun, last light, sun sets, sun is setting, sun goes down, sun setting, end of "
               "the day",
    "night": "midnight, nighttime, night time, moonlight, starlight, after dark, tonight, starry sky, starry night, "
             "moonlit, starlit, moonlit night, dead of night, full moon, crescent moon, under the stars, stars above, "
             "beneath the stars, night sky, moonlit sky, moonrise, nocturnal, small hours, witching hour, in the dark, "
             "beneath the moon, under the moon, stars in the sky, by the light of the moon, light of the moon, "
             "moon shines, moon is shining, moon is out, moon hangs, pale moon, bright moon, under a full moon",
}  # fmt: skip

WEATHERS = {
    "clear": "sunny, clear sky, cloudless, cloudless sky, sunshine, sunlit, fine weather, blue sky, bright and sunny, "
             "clear weather, bright sunshine, sun drenched, sun shines, sun is shining, sunlight",
    "cloudy": "overcast, cloud, clouds, grey sky, gray sky, gloomy sky, cloudy sky, overcast sky, clouded, dark cloud, "
              "leaden sky, gloomy weather",
    "rain": "raining, rains, drizzling, it rained, storming, pouring, pours, showering, drizzle, storm, "
            "thunderstorm, downpour, rainy, shower, rain shower, rainstorm, stormy, pouring rain, "
            "wet weather, thunder, raindrop, rainfall, falling rain, heavy rain, light rain, monsoon, tempest, "
            "drizzly, "
            "showery, cloudburst, torrential rain, lightning",
    "snowfall": "snowy, snowing, it snows, it snowed, blizzard, snowstorm, falling snow, snow flurry, flurry, "
                "snowflake, snow falls, snow is falling, "
                "snow falling, snow storm, heavy snow, light snow, flakes of snow, snow drifts down, snow comes down, "
                "snow shower, sleet, snow gently falls, snow fell, snow gently falling, snow softly falling",
    "fog": "mist, misty, foggy, haze, hazy, smog, fogbank, brume, murky air, low cloud, sea mist, fog bank",
}  # fmt: skip

LOOKS = {
    "clay": "claymation, stop motion, plasticine, clay animation, play doh, playdough, clay look, clay style",
    "cartoon": "cel shaded, cel shading, anime, comic, toon, comic book, animated cartoon, manga, cell shaded, "
               "cartoony, "
               "cartoonish, 2d animation, toon shaded, saturday morning cartoon, comic strip, anime style, flat shaded",
    "watercolor": "watercolour, painting, painterly, aquarelle, gouache, oil painting, water color, water colour, "
                  "painted in watercolor, painted in watercolour, watercolor painting, watercolour painting, "
                  "hand painted, storybook illustration, picture book, impressionist, ink wash",
    "noir": "black and white film, film noir, black and white movie, monochrome, black and white footage, "
            "black and white photo, black and white photography, in black and white, b w, black and white cinema, "
            "black and white picture, black and white style, detective film, black and white look, monochromatic, "
            "black and white video, greyscale, grayscale, neo noir",
}  # fmt: skip

# Compounds that hold one of our words and mean something else; they are not understood, and not misunderstood.
NOT_OURS = (
    "frying pan, sauce pan, baking pan, peter pan, apple tree, apple pie, sea lion, sea horse, hot dog, night light, "
    "snow globe, rain coat, rain boots, ghost town, computer mouse, mouse pad, mouse trap, phone box, moon cake, "
    "book shop, car park, bow and arrow, rock music, rock band, ball gown, star fish, fire fly, sand castle, "
    "bouncy castle, bull frog, dragon fly, dragon fruit, bed room slippers, crown jewels, sea shell, rain bow, "
    "snow ball, snow angel, flower pot, forest fire, moon walk, night gown, christmas tree, walking stick, "
    "sleeping bag, swimming pool, swimming trunks, running shoes, dancing shoes, jumping jack, box office, chess "
    "board, "
    "cup board, table cloth, rose bush, bell tower, star wars, dog house, bird house, cat nip, pig tail, pony tail, "
    "fox glove, rocking horse, tea pot, pan pipes, wood cutter, wooden spoon, bear hug, cat walk, "
    "standing ovation, flying saucer, waves crash, crashing waves, ocean waves, sea waves, rolling waves, "
    "once upon a time, time lapse, one day, every day, some day, these days, all day, each day, day dream, story of"
)

# The parts and coverings of a body that carry its colour: "with crimson fur", "whose scales are teal".
COVERINGS = (
    "fur coat skin feather feathers scale scales pelt hide plumage shell wool armor armour fleece body hair coloring "
    "colouring paint paintwork casing metal robe robes spacesuit suit colour color hue shade tone tint coloration mane"
)
# Said of a colour itself; nothing stands between it and the thing: "a teal-coloured box", "crimson in hue".
COLOR_NOUNS = (
    "colour color colored coloured hue hued shade shades tone tones toned tint tints tinted coloring colouring "
    "coloration"
)
PAINTED = "painted dyed coloured colored tinted glazed sprayed turned gone stained hued enameled lacquered"
BE = "is are was were be been being 's looks look seems seem appears appear glows glow remains turns becomes stays"
INTENSIFIERS = (
    "pure shade shimmering shining sparkling solid plain dark light pale bright deep very rather quite vivid vibrant "
    "rich soft dull bold brilliant glossy shiny matte "
    "pastel "
    "neon fully completely entirely all mostly so faded intense warm cool slightly really extremely strikingly"
)

DETERMINERS = "a an the this that these those my your his her its their our some another any each every both whose no"
DEFINITE = "the this that these those our its his her their said same both"
POSSESSIVES = "my your his her its their our whose 's"
PRONOUNS = "it he she they him her them who which that"
# Names for somebody already mentioned, or about to be: "the creature is blue".
STAND_INS = "creature animal critter character beast figure fellow hero heroine protagonist one being companion friend"

NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
}  # fmt: skip
GROUPS = {
    "pair of": 2, "couple of": 2, "trio of": 3, "group of": 3, "pack of": 3, "herd of": 3, "several": 3, "few": 3,
    "many": 4, "dozen": 4, "bunch of": 3, "family of": 3, "band of": 3, "quartet of": 4, "flock of": 3, "crowd of": 4,
    "pile of": 3, "row of": 3, "stack of": 3, "army of": 4, "dozens of": 4, "lots of": 4, "duo of": 2, "twin": 2,
    "half a dozen": 4, "gang of": 3, "handful of": 3, "litter of": 3,
}  # fmt: skip

# What stands before a place where something happens, and before things that are only near.
IN_PLACE = (
    "in inside on at through across within into amid amidst among amongst along over throughout around atop via onto "
    "upon near beside by under underneath beneath below beyond outside past toward towards down up"
)
BESIDE = (
    "near beside by behind under underneath beneath below at toward towards into from over past atop onto upon "
    "against opposite before between around above through across along off outside inside among about like than"
)
FAR = "from leaving about behind of unlike without"
HOLDING = (
    "holding holds hold held carrying carries carry carried clutching clutches grabbing grabs gripping grips "
    "carting pulling pushing reading reads playing plays eating eats riding rides driving drives bearing bears "
    "brandishing lifting dragging tossing throwing catching chasing kicking bouncing juggling flying"
)
WEARING = (
    "wearing wears wear wore with in has have having had sporting sports dons donning donned dressed adorned topped "
    "clad under plus bearing his her its their 's whose tying got"
)
ON_BODY = "head heads ear ears hair nose neck face back shoulder shoulders wrist body tail antenna antlers"
NEGATIONS = "no not without never isn't aren't doesn't don't didn't wasn't nor lacking minus hasn't neither n't nobody"

STOP_WORDS = (
    "a an the this that these those i me my we us our you your he him his she her it its they them their who whom "
    "whose "
    "which what there here is are was were be been being am do does did done doing has have had having will would "
    "shall "
    "should can could may might must and or but nor so yet if then than as while when where whereas because until "
    "though "
    "although of in on at by for with from to into onto upon about across after along amid amidst among amongst around "
    "before behind below beneath beside besides between beyond down during inside near off out outside over past "
    "through "
    "throughout toward towards under underneath up via within without atop against above next close front "
    "very quite rather too also just only even still again ever some any each every all both few many much more most "
    "other another such own same no not never 's s t d ll re ve m let lets please "
    "wearing wears wear wore holding holds hold held carrying carries carry carried sporting "
    "scene shot clip video film movie footage picture image animation showing shows show featuring features depicting "
    "depicts depicted set captured filmed seen see style look camera view starring rendered make made create draw "
    "colour color colored coloured hue hued shade shades tone painted one it's there's who's that's ok okay side "
    "place placed "
    "located situated somewhere time during called named get gets got gives give goes going go come comes along"
)

# English words that are one slip away from ours without being slips of the pen.
NOT_TYPOS = (
    "animates applies apportion apportions astronautics automates automating automation automobiled avenges "
    "backboards backpacker backpackers backspaces backtracks backward backwards baker bakers balloonist bananas "
    "banjoist baseball baseballs battle beards bearers beaters beavers beets belches belles benched bereft "
    "blackjacks bleach bleachers bleaches bleaker bloats blondest bloomers bluefish boards boasts boilers bolder "
    "bonniest booms booties botnets bottle bounder bounders bower bowers boxers brackish breach breaches breaker "
    "breakers brownies builders bunches bushes busies busses cabinets candies canes canniness cannons canoeist "
    "canon canons canopies cantons capers carbine carbines carbons cartooned cartoonist cartoonists caste castes "
    "casts cavities chandler chandlers chars chemists chess cites citizens cleaners cleaning cleanings clearest "
    "cleavers cleaving clerking clods clouted coasters coats coffees collide collided collides confers conjure "
    "conjured conjures cornet cornets coroner coroners cosmic costliness costs crated crater craters creates "
    "cremates crossways crowds curate curates dailies dairies deserted deserter deserters dessert desserts "
    "diatribes dietaries dingiest dingy doggier doggiest doggones dogies dragoon dragoons droves ducking dunces "
    "eaglet eaglets enchanted enchants falconer falconers falconry fielders flowered fogies follower followers "
    "footballer footballers footfall footfalls footrest footrests forecast forecasts foremost forested forester "
    "foresters forestry furriest furry gallon gallons gardened gardener gardeners gardenia gardenias garlanded "
    "gasses ghoulish giblets giggles gingerly gladdens gladdest gladness glads glassiest glazier glaziers gleaming "
    "gleamings gloating glosses goggled googles grasps grassed grizzlier grizzliest grosses grouches grovel grovels "
    "guitarist halfway handball handballs handbill handbills handle handsets harems hazels hellos hoarse hoarsest "
    "horsed horsiest hoses huskier huskiest huskiness hussies impressions inferior inferiors inheritors islander "
    "islanders jangles jingles juggles knighted knightly leotard leotards librarians lightening lighting likenesses "
    "lunge lunges macaroon mamas mangles mantels mantled marquess marquesses mirror mistimes moaning monkey monkeys "
    "mooning moonlighter moonlighters moorings mounting mountings mourning moused mouser mousse muffle muffled "
    "muffles nighties nighty nocturnally nocturnes novelist novellas officer officers oranges overcoat overcoats "
    "packaged paining painters palates paleface palefaces panting parceled parkas parkour parroted pastries "
    "pastured pebbled peonies piggier piggiest placarded placements places plaiting planters planting plantings "
    "poaches pointing pooched porches posture postures posturing pouches pounds pouting printing printings priories "
    "procuring puffiness puffing purses rabbi rabbis rackets raiding railing railings raises raising rankings "
    "rationing ravenous raves regaining reining remaining reprieves retaining retrieve retrieved retrieves rickets "
    "rides ridged rinses riveters roaster roasters robing rockers rocketed rocketry roosted rooter roots roster "
    "rosters rouses ruining sailboards scallion scallions scares screams semaphores shadiest shoes shored shortens "
    "shortest showier showings showman showmen shrewd shrewish sidewall sidewalls signposted singing slated slots "
    "slowing snatches snowball snowballs sores sower sowers sowing species specks spirited squirreled stable stages "
    "stairs stalling starlet starlets starts starves steam steams steamships stomping stoned stoner stoners "
    "stoniest stories storing stormily story stowing straights streaks streamed streamer streamers studied studios "
    "studliest sturdiest sturdy submits subsets sundries surmises swains swanks swatches sweats swindles swingers "
    "tableaus tabled tablet tablets taillights tales tamper tampers tapes tarrier tenets tenths terrain terrains "
    "thicken thickens thicker thickest thickset throe throes thronged throngs ticket tickets tiers toddies trappers "
    "triggers truckers truckles tucks underrate underrates undersells underwriter underwriters villager villagers "
    "violent vixenish whiten winches witched wizardly wizardry wrath wreathe wreathed wreathes "
)

# ---------------------------------------------------------------------------------------------------- film language

# Film words: they speak of the camera by themselves.
FILM_WORDS = {
    "pan": "pan pans panning panned",
    "tilt": "tilt tilts tilting tilted",
    "dolly": "dolly dollies dollying dollied",
    "truck": "truck trucks trucking trucked track tracks tracking tracked",
    "crane": "crane cranes craning craned boom booms booming boomed jib jibs jibbing pedestal pedestals",
    "orbit": "orbit orbits orbiting orbited orbital arc arcs arcing arced",
    "zoom": "zoom zooms zooming zoomed",
}
# Plain words: they speak of the camera only where the camera is their subject.
PLAIN_WORDS = {
    "move": "move moves moving moved glide glides gliding drift drifts drifting float floats floating travel travels "
    "traveling travelling go goes going fly flies flying swoop swoops swooping slide slides sliding shift shifts "
    "shifting ease eases easing roll rolls rolling sail sails pulled moved drawn",
    "truck": "follow follows following followed strafe strafes",
    "crane": "rise rises rising rose risen ascend ascends ascending climb climbs climbing lift lifts lifting lifted "
    "lower lowers lowering lowered descend descends descending drop drops dropping sink sinks sinking "
    "raised raises raise elevates soars soaring",
    "dolly": "push pushes pushing pushed pull pulls pulling pulled approach approaches approaching approached creep "
    "creeps creeping inch inches inching close closes closing back backs backing retreat retreats retreating "
    "retreated advance advances advancing recede recedes receding draw draws drawing withdraws withdrawing",
    "orbit": "circle circles circling circled revolve revolves revolving rotate rotates rotating rotated encircles "
    "encircling wheels loops looping",
    "pan": "swing swings swinging turn turns turning turned swivel swivels swiveling swivelling pivot pivots pivoting "
    "sweep sweeps sweeping swept look looks looking scan scans scanning swish",
}
CAMERA_NOUNS = (
    "camera shot lens view viewpoint frame cam perspective pov camerawork cinematography viewer framing filmed "
    "shots cameraman drone move movement"
)
CAMERA_SUBJECTS = "camera lens view viewpoint frame cam perspective pov shot viewer we drone framing cameraman"
PACES = (
    "slow slowly gentle gently smooth smoothly steady steadily quick quickly fast whip swift swiftly subtle subtly "
    "soft "
    "softly gradual gradually lazily lazy rapid rapidly cinematic dramatic dramatically slight slightly calm calmly "
    "long short brief full simple graceful gracefully tenderly quietly leisurely sweeping careful carefully"
)
DIRECTIONS = {
    "left": "left leftward leftwards lefthand",
    "right": "right rightward rightwards righthand",
    "up": "up upward upwards skyward skywards above heavenward higher",
    "down": "down downward downwards groundward lower",
    "in": "in forward forwards closer toward towards into inward inwards nearer onto ahead on",
    "out": "out back backward backwards away outward outwards rearward rearwards",
    "clockwise": "clockwise",
    "counterclockwise": "counterclockwise anticlockwise",
    "around": "around round about",
}
# Plain verbs that say the way themselves.
VERBS_WITH_A_WAY = {
    "out": "pull pulls pulling pulled back backs backing retreat retreats retreating retreated recede recedes receding "
    "withdraws withdrawing drawn",
    "down": "lower lowers lowering lowered descend descends descending drop drops dropping sink sinks sinking",
    "up": "rise rises rising rose risen ascend ascends ascending climb climbs climbing lift lifts lifting lifted "
    "raised raises raise elevates soars soaring",
    "in": "push pushes pushing pushed approach approaches approaching approached advance advances advancing",
}
# What may stand between the camera and its verb.
CAMERA_ADVERBS = (
    "then now very ever so is are was were being be gets begins starts to will shall must should can just also a "
    "little bit slightly straight itself has have does makes make performs executes half quarter complete moves and "
    "keeps "
    "goes let all"
)
STATIC = "static stationary unmoving locked tripod motionless"
STILL = "still fixed motionless steady put unmoving immobile static locked rest rests stationary"
STAYS = "stays stay remains remain holds hold keeps keep is sits stands rests set kept stands"
DEGREES = "degree degrees deg degs °"
METRES = {
    "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0, "m": 1.0, "foot": 0.3048, "feet": 0.3048, "ft": 0.3048,
    "cm": 0.01, "centimetres": 0.01, "centimeters": 0.01, "step": 0.75, "steps": 0.75, "yards": 0.9144,
}  # fmt: skip
TIMES = "times x fold"
TURNS = {
    "full circle": 360, "full turn": 360, "full orbit": 360, "full rotation": 360, "complete circle": 360,
    "all the way around": 360, "all the way round": 360, "half circle": 180, "half turn": 180, "half a circle": 180,
    "half orbit": 180, "half a turn": 180, "semicircle": 180, "quarter turn": 90, "quarter circle": 90,
    "quarter of a circle": 90, "full revolution": 360,
}  # fmt: skip
