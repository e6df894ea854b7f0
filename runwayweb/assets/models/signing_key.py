"""The studio's own key for Content Credentials, where its machines share no disk."""

from django.db import models
from django.db.models import Q

from runwayweb.sealing import Seal, Sealed

SEAL = Seal(b"runwayweb.assets.certificate ")
THE_ONE = 1


class SigningKey(models.Model):
    """One row at most. `chain`: PEM; `sealed`: its private key, PEM, which SECRET_KEY opens."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ONE, editable=False)
    chain = models.TextField()
    sealed = models.TextField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=THE_ONE), name="one_signing_key")]

    def __str__(self):
        return "the studio's own key"

    @classmethod
    def the_one(cls, make):
        """(chain, key) in PEM bytes: those that are kept, else what `make()` gives, unless another was quicker.

        Raises OSError where SECRET_KEY is another than when it was made.
        """
        kept = cls.objects.filter(pk=THE_ONE).first()
        if kept is None:
            chain, key = make()
            made = {"chain": chain.decode(), "sealed": SEAL.seal(key.decode())}
            kept, _is_ours = cls.objects.get_or_create(pk=THE_ONE, defaults=made)
        try:
            return kept.chain.encode(), SEAL.unseal(kept.sealed).encode()
        except Sealed as error:
            raise OSError("The key that signs what is made was sealed with another SECRET_KEY.") from error
