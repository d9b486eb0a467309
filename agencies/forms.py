"""What people type about themselves, about others, and about who answers what."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm, UsernameField
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.cache import cache
from django.utils import timezone

from agencies.actions import signing_in
from agencies.models import Agency, AssignmentRole, Kind, User
from agencies.roles import MAY_INVITE, ROLE_LABELS, Role

if TYPE_CHECKING:
    from django.forms import BoundField

    from agencies.actions.naming import StrangeName
    from agencies.models import AgencyQuerySet

    SetPassword = SetPasswordForm[User]
    UserForm = forms.ModelForm[User]
else:
    SetPassword, UserForm = SetPasswordForm, forms.ModelForm

WRONG = "Nama pengguna atau kata sandi tidak cocok. Periksa huruf besar dan kecilnya."


class SignInForm(forms.Form):
    """The same sentence, whatever was wrong; the pause is said, since it says nothing of a user."""

    username = UsernameField(
        label="Nama pengguna",
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label="Kata sandi",
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, address: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address
        self.user: User | None = None
        self.wait = 0

    def clean(self) -> dict[str, Any]:
        """Ask the throttle first, then the password; one hash, whoever it is."""
        data = super().clean() or {}
        if self.errors:
            return data
        name, now = data["username"], timezone.now()
        self.wait = signing_in.begin(name, self.address, now=now)
        if self.wait:
            minutes = -(-self.wait // 60)
            raise forms.ValidationError(
                f"Terlalu banyak percobaan. Coba lagi dalam {minutes} menit.", code="paused"
            )
        found = authenticate(None, username=name, password=data["password"])
        if not isinstance(found, User):
            raise forms.ValidationError(WRONG, code="wrong")
        signing_in.succeed(name, self.address, now=now)
        self.user = found
        return data


def proved(user: User, password: str, address: str) -> str:
    """Empty if this is the user's password; else the sentence that says no. Counted like signing
    in: an open session is no place to guess in.
    """
    now = timezone.now()
    wait = signing_in.begin(user.username, address, now=now)
    if wait:
        return f"Terlalu banyak percobaan. Coba lagi dalam {-(-wait // 60)} menit."
    if not user.check_password(password):
        return "Kata sandi tidak cocok."
    signing_in.succeed(user.username, address, now=now)
    return ""


class ResetRequestForm(forms.Form):
    typed = forms.CharField(
        label="Nama pengguna atau alamat surel",
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class SpentOnce(BaseAuthenticateForm):  # type: ignore[misc]
    """A code of an app is spent for as long as it would be right: django-allauth forgets after 30
    seconds that it was used, and takes it for 90.
    """

    def clean_code(self) -> str:
        code: str = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP:
            digits = "".join(filter(str.isdigit, code))
            spent = f"agencies.code?user={self.user.pk}&code={digits}"
            if not cache.add(spent, "y", timeout=settings.MFA_TOTP_LIVES):
                raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(SpentOnce, AuthenticateForm):  # type: ignore[misc]
    """Between the password and the session."""


class CodeAgainForm(SpentOnce, ReauthenticateForm):  # type: ignore[misc]
    """Before something about how one signs in is changed."""


class NewPasswordForm(SetPassword):
    """A first or a forgotten password, by a link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].label = "Kata sandi baru"
        self.fields["new_password2"].label = "Ulangi kata sandi baru"
        _shorten(self)


class ChangePasswordForm(PasswordChangeForm):
    def __init__(self, *args: Any, address: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address
        self.fields["old_password"].label = "Kata sandi sekarang"
        self.fields["new_password1"].label = "Kata sandi baru"
        self.fields["new_password2"].label = "Ulangi kata sandi baru"
        del self.fields["old_password"].widget.attrs["autofocus"]
        _shorten(self)

    def clean_old_password(self) -> str:
        typed: str = self.cleaned_data["old_password"]
        if refusal := proved(self.user, typed, self.address):
            raise forms.ValidationError(refusal, code="password_incorrect")
        return typed


def _shorten(form: forms.Form) -> None:
    """One sentence instead of the list of every validator."""
    form.fields["new_password1"].help_text = (
        "Paling sedikit 12 karakter. Beberapa kata yang tidak lazim mudah diingat; "
        "jangan nama kota, perangkat daerah, atau KLA."
    )
    form.fields["new_password2"].help_text = ""


class AccountForm(UserForm):
    """What everybody may change about themselves; role and office are not among it.

    Another address needs the password: links for a new one go there.
    """

    sandi = forms.CharField(
        label="Kata sandi Anda",
        required=False,
        strip=False,
        max_length=256,
        help_text="Hanya bila alamat surel diganti.",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    class Meta:
        model = User
        fields = ["name", "email"]
        labels = {"name": "Nama", "email": "Alamat surel"}
        help_texts = {"email": "Ke sini tautan untuk kata sandi baru dikirim."}

    def __init__(self, *args: Any, address: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address, self.before = address, self.instance.email
        for name in ("name", "email"):
            self.fields[name].required = True
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["email"].widget.attrs["autocomplete"] = "email"
        if not self.instance.has_usable_password():  # signs in through the provider
            del self.fields["sandi"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        moved = data.get("email", self.before).casefold() != self.before.casefold()
        if moved and "sandi" in self.fields and not self.errors:
            owner = User.objects.get(pk=self.instance.pk)
            if refusal := proved(owner, data["sandi"], self.address):
                self.add_error("sandi", refusal)
        return data


class InviteForm(forms.Form):
    """Somebody new in one office."""

    name = forms.CharField(label="Nama", max_length=150)
    email = forms.EmailField(label="Alamat surel", max_length=254)
    username = UsernameField(
        label="Nama pengguna",
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text="Huruf kecil, tanpa spasi; dipakai untuk masuk.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(label="Peran")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        may = MAY_INVITE[Role(by.role)]
        field = self.fields["role"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(role.value, ROLE_LABELS[role]) for role in Role if role in may]
        for each in ("name", "email", "username"):
            self.fields[each].widget.attrs["autocomplete"] = "off"

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"].strip().lower()
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError("Nama pengguna itu sudah dipakai. Pilih yang lain.")
        return username

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class AgainForm(forms.Form):
    """Where another link goes; nothing typed is where the one before went."""

    email = forms.EmailField(
        required=False,
        max_length=254,
        error_messages={"invalid": "Alamat surel itu tidak lengkap; undangan belum dikirim."},
    )


class AgencyFilterForm(forms.Form):
    """Words and kind of the list; what is not known is ignored."""

    q = forms.CharField(label="Cari nama", required=False, max_length=80)
    jenis = forms.ChoiceField(
        label="Jenis", required=False, choices=[("", "Semua jenis"), *Kind.choices]
    )


class NamesForm(forms.Form):
    """Which office each name of the instrument means; what is left open stays so."""

    def __init__(
        self, *args: Any, names: list[StrangeName], agencies: AgencyQuerySet, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.names = {f"nama-{name_key(each.name)}": each for each in names}
        offices = list(agencies)
        choices = [("", "Belum ditentukan"), *((each.code, each.name) for each in offices)]
        self.offices = {each.code: each for each in offices}
        for key, each in self.names.items():
            self.fields[key] = forms.ChoiceField(
                label=each.name,
                choices=choices,
                required=False,
                error_messages={"invalid_choice": "Pilih perangkat daerah dari daftar."},
            )

    def rows(self) -> list[tuple[StrangeName, BoundField]]:
        """Each name with its field."""
        return [(each, self[key]) for key, each in self.names.items()]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not any(data.values()):
            raise forms.ValidationError("Pilih paling sedikit satu perangkat daerah.")
        return data

    def meant(self) -> dict[str, Agency]:
        """The offices that were chosen, by the instrument's name."""
        return {
            each.name: self.offices[self.cleaned_data[key]]
            for key, each in self.names.items()
            if self.cleaned_data[key]
        }


def name_key(name: str) -> str:
    """A name as a part of a field's: another name that came in between moves nothing."""
    return sha256(name.encode()).hexdigest()[:12]


class AssignForm(forms.Form):
    """One agency for a question or an indicator."""

    PARTS = [
        (AssignmentRole.LEAD.value, "Jadikan penanggung jawab"),
        (AssignmentRole.SUPPORT.value, "Jadikan pendukung"),
    ]
    REMOVE = ("none", "Lepas sebagai pendukung")

    agency = forms.ModelChoiceField(
        Agency.objects.none(), label="Perangkat daerah", empty_label="Pilih perangkat daerah"
    )
    part = forms.ChoiceField(label="Tugas", choices=PARTS)
    keep = forms.BooleanField(
        label="Penanggung jawab lama tetap sebagai pendukung", required=False, initial=True
    )

    def __init__(
        self,
        *args: Any,
        agencies: AgencyQuerySet,
        whole: bool = False,
        lead: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        chooser, part = self.fields["agency"], self.fields["part"]
        if isinstance(chooser, forms.ModelChoiceField):
            chooser.queryset = agencies
        if isinstance(part, forms.ChoiceField):
            parts = self.PARTS if lead else self.PARTS[1:]
            part.choices = [*parts, self.REMOVE] if whole else parts
        if not lead:
            del self.fields["keep"]

    def clean_part(self) -> AssignmentRole | None:
        part = self.cleaned_data["part"]
        return None if part == self.REMOVE[0] else AssignmentRole(part)
