"""Everyday words that mean nothing this world can draw: `nearest.py` learns from them what not to guess at.

Add what it guesses at wrongly. The order means nothing.
"""

ORDINARY = """
thought notion concept opinion belief wisdom knowledge logic meaning purpose value duty honor pride shame guilt envy
pity mercy grief sorrow joy delight pleasure pain comfort trust doubt faith luck fate chance risk danger safety
success failure victory defeat beginning end middle moment period age generation era month season monday friday summer
winter news report letter message note list page chapter sentence phrase verb noun grammar language speech voice noise
sound rhythm melody rule order command request offer deal bargain debt loan salary profit cost wage budget fund trade
industry factory product customer client manager boss employee worker politician president minister senator judge
lawyer police thief criminal prisoner nurse dentist patient student pupil professor artist writer poet singer actor
dancer chef farmer driver sailor neighbor guest stranger uncle aunt cousin grandmother grandfather daughter son wife
husband couple family team audience population citizen tribe arm leg toe finger thumb elbow knee mouth lip tongue
cheek chin forehead bone blood brain heart stomach muscle whisker snout hoof claw fang tusk good bad new different
important public able free empty open closed clean dirty easy hard difficult complex true false real fake rare common
special normal modern traditional local national global social political legal medical digital electric automatic
manual kind cruel polite rude honest wise stupid silly funny serious friendly shy excited bored tired awake drunk
pregnant blind deaf dead alive wild tame fierce noble humble loyal greedy selfish generous jealous thin thick wide
narrow shallow high low flat curved sharp blunt rough loose tight heavy soon late early already once twice forever
everywhere easily barely hardly simply clearly exactly totally nearly finally eventually immediately recently rarely
eagerly bravely angrily warmly nervously elegantly playfully take send bring tell call find lose win hit break cut
throw catch start stop begin finish continue change grow become happen exist contain include belong use share save
spend waste count measure weigh compare choose decide plan prepare practise learn teach explain describe discuss argue
complain apologize thank praise blame punish protect defend support lead join leave arrive return enter visit meet
marry divorce born die live survive suffer heal feed bake boil fry chew swallow taste smell touch rub scratch bite
lick kiss hug knit sew build repair destroy burn melt freeze shine wish enjoy hate prefer admire respect fail manage
water oil wine beer coffee juice soda flour pepper jam potato tomato onion garlic cabbage bean corn noodle pasta pizza
burger sausage bacon ham steak meal dinner dish recipe shirt trousers dress skirt sock shoe sandal belt button pocket
sleeve collar underwear uniform pyjamas tool saw drill shovel axe spear shield arrow bullet bomb cannon brush comb
soap towel toothbrush mirror clock radio screen keyboard printer machine motor engine fuel gas iron cement rope string
thread cloth silk rubber door window wall floor ceiling stairs ladder elevator fence gate bridge road path tunnel
railway airport curtain carpet pillow blanket mattress shelf drawer cupboard fridge oven stove toilet bath physics
geography medicine engineering art literature poetry theatre opera cinema photography sculpture architecture sport
tennis golf hockey cricket russian italian spanish chinese american european african mile kilometer litre gram ton
double total amount level rate average maximum minimum version detail example type quality standard aspect element
part piece section area shape line edge surface pattern texture shadow contrast exposure aperture angle realistic
stunning intricate award winning professional rendering nothing everything something anything everybody someone idea
tax melancholic juggle swords government love happiness economy number percent problem reason thing eyes paw wing
wings teeth smile tear beautiful tiny huge ancient happy sad angry curious mysterious brave old young together alone
music song law theory email password software website contract insurance money price week year second minute yesterday
future history hope fear anger peace war justice truth secret question answer help try want need think know believe
understand remember forget buy sell pay eat drink cook write speak talk listen hear say ask kill fight attack sing
laugh cry exciting epic detailed hyperrealistic masterpiece resolution strong weak loud quiet big small cute adorable
fluffy elegant tall girl boy woman man mother father brother sister teacher doctor baby people person child crowd
democracy science religion philosophy politics business company market meeting project system method process result
effect cause energy power force size weight length temperature pressure legs hands fingers whiskers beak horn claws
proud nervous clever sleepy hungry thirsty sick healthy poor famous ordinary strange weird perfect amazing wonderful
terrible horrible magnificent majestic whimsical nostalgic serene tranquil cheerful gloomy perhaps maybe always
sometimes often almost hammer knife scissors needle chain key lock nail screw wheel pipe wire battery plastic glass
paper cotton leather juggles brings sends builds repairs counts measures buys explains argues promises worries hopes
invents discovers decides chooses bread cheese soup rice milk butter sugar salt egg meat tuesday january birthday
holiday weekend century decade english french japanese german mathematics chemistry biology photo selfie focus
background foreground composition aesthetic sniffs barks meows growls whispers shouts sneezes coughs blinks breathes
trembles freedom loneliness silence courage memory adventure journey mission treasure destiny winner loser wednesday
thursday saturday sunday february april june july august september october november december tomorrow today sky air
ground horizon earth world heaven atmosphere breath sun leaf branch petal seed root dust house lost faraway spot
crowded highlight
""".split()
