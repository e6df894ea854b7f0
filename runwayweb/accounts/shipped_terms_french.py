"""The same in French, as a reader of the pages in French sees it: see shipped_terms.py, and docs/translating.md."""

TERMS = """\
# Utiliser ce studio
Vous pouvez faire des films ici, seul ou à plusieurs, et en faire ce que vous voulez. Ce que vous faites vous \
appartient, pour autant que la loi l’accorde à quelqu’un ; ce que vous apportez doit être à vous, ou libre \
d’usage pour vous.

# Ce qui ne peut pas être fait
- Ce qui enfreint la loi, ou aide quelqu’un à le faire.
- L’image ou la voix de personnes réelles sans leur accord, et tout ce qui est fait pour tromper.
- Tout contenu sexuel montrant des mineurs, sous quelque forme que ce soit.
- La haine, les menaces et les appels à la violence.

Les mots et les images peuvent être vérifiés, et bloqués. Qui pense que c’est une erreur peut le dire sur le clip.

# Crédits
Ce que coûte un clip est dit avant qu’il soit fait. Vous ne payez que ce qui a été fait ; ce qui a échoué ou a \
été annulé ne coûte rien, sauf si ce studio dit autre chose à côté du prix.

# Quand quelque chose ne va pas
La personne qui gère ce studio peut retirer ce qui enfreint ces conditions, et suspendre qui les enfreint, en \
disant pourquoi. Rien n’est supprimé par là, et vous pouvez répondre.

# Aucune garantie
Le studio est proposé tel qu’il est. Il peut changer ou être absent ; ce que vous avez fait peut être \
téléchargé, et le tout exporté, à tout moment.
"""

PRIVACY = """\
# Ce qui est gardé
- Votre adresse, le nom que vous donnez, votre langue et votre fuseau horaire.
- Ce que vous apportez et ce que vous faites, jusqu’à ce que vous le supprimiez.
- Quand et d’où vous vous êtes connecté, et ce qui a été fait dans vos espaces de travail.
- Les crédits et les paiements, aussi longtemps que la loi le demande. Seul le service de paiement voit les cartes.

# Pour quoi faire
Pour faire vos films et les montrer à qui vous choisissez, pour tenir le compte des crédits, et pour que le \
studio reste sûr. Rien n’est vendu, et rien de ce qui est à vous n’entraîne ici un modèle.

# Qui le voit
Qui est dans votre espace de travail, et qui a un lien que vous avez fait. La personne qui gère ce studio peut \
regarder là où vous demandez de l’aide, là où quelque chose a été signalé ou bloqué, ou là où la loi l’exige ; \
le journal de votre espace de travail le dit.

# Vos droits
Vos données peuvent être téléchargées et votre compte supprimé dans les réglages, sous Compte. Pour tout le \
reste, demandez à la personne qui gère ce studio.

# Cookies
Un pour votre connexion, un pour les formulaires, un pour votre langue, un pour une phrase que la page suivante \
affiche, et un qui permet de compter les comptes créés dans ce navigateur en un jour. Aucun autre, et aucun traceur.
"""
