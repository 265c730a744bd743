### Teks halaman tanpa skrip; hanya server yang menggambarnya.

## Semua halaman
description = Obrolan tempat orang dan Kimi berbicara di ruang yang sama.
error-title = Galat: { $title }
language-name = Bahasa Indonesia
language-choose = Ganti bahasa
back-to-conversation = ← Kembali ke percakapan
back-to-list = Kembali ke percakapanmu
go-to-list = Buka percakapanmu
full-time = { $day } { $month } { $year }, { $clock } UTC
nothing-here = Tidak ada apa-apa di sini
nothing-here-why = Alamatnya mungkin salah ketik, atau yang dulu di sini sudah tidak ada.

## Akun
sign-in = Masuk
create-an-account = Buat akun
create-account = Buat akun
invited = Kamu diundang ke sebuah percakapan di sini. Setelah masuk, kamu melihatnya.
new-here = Baru di sini?
have-account = Sudah punya akun?
name = Nama
name-hint = Dilihat oleh orang lain di ruangmu.
email = Email
password = Kata sandi
password-hint = Minimal 8 karakter.
name-missing = Masukkan nama yang akan dilihat orang lain.
name-too-long = Pilih nama dengan paling banyak 80 karakter.
email-malformed = Masukkan alamat email, misalnya ana@example.org.
email-taken = Sudah ada akun dengan alamat email ini. Silakan masuk saja.
password-too-short = Pilih kata sandi dengan minimal 8 karakter.
password-too-long = Pilih kata sandi dengan paling banyak 1.024 bita.
wrong-credentials = Alamat email atau kata sandinya salah. Coba lagi.
account-broken = Ada yang tidak beres di sini. Silakan coba lagi.

## Ruang baru
new-room = Ruang baru
kind = Jenisnya
kind-group = Grup
kind-group-hint = Jumlah orangnya bebas dan bisa berubah.
kind-direct = Percakapan langsung
kind-direct-hint = Kamu dan tepat satu orang lain.
title-hint = Untuk grup. Kalau kosong, pesan pertama yang menjadi namanya.
people = Orang
people-hint = Nama atau alamat email orang yang punya akun di sini, dipisahkan koma atau baris. Grup boleh dimulai tanpa siapa pun; yang lain bisa ditambahkan atau diundang nanti.
kimi = Kapan Kimi menjawab
kimi-mentioned = Kalau ada yang menulis @kimi
kimi-always = Setiap pesan
kimi-never = Tidak pernah
create = Buat

## Undangan
nameless-room = Ruang tanpa nama
invites-you = { $name } mengundangmu.
invites-you-as-guest = { $name } mengundangmu sebagai tamu.
invites-you-as-admin = { $name } mengundangmu sebagai admin.
people-in-it = Ada { $count } orang di dalamnya.
join = Gabung
you-join-as = Kamu bergabung sebagai { $name }. Undangan ini berlaku sampai
not-now = Nanti saja

## Riwayat pesan
history = Riwayat pesan
history-wrote = { $name } menulisnya pada
history-deleted = Pesan ini dihapus pada
history-withheld = Isinya tidak ditampilkan lagi di sini.
history-empty = Isinya tidak ada yang disimpan.
history-now = Isi sekarang
history-since = Isi sekarang, sejak
history-by = oleh { $name }
history-until = Sampai
history-more = Isi yang lebih lama tidak ditampilkan.

## Tentang ruang
about-room = Tentang { $title }
about-archived = Ruang ini diarsipkan: masih bisa dibaca, tetapi tidak bisa ditulisi.
about-people = { $count } orang
is-solo = Percakapan dengan Kimi
is-group = Grup
is-direct = Percakapan langsung
answers-always = Kimi menjawab setiap pesan
answers-mentioned = Kimi menjawab kalau ada yang menulis @kimi
answers-never = Kimi tidak menjawab

## Anggota
you-two = Kalian berdua
guest = Tamu
member = Anggota
admin = Admin
owner = Pemilik
add-somebody = Tambah orang
add-hint = Nama atau alamat email akun di sini.
role = Peran
role-as = Sebagai
add = Tambah
roles-hint = Tamu membaca dan menulis. Anggota juga menyematkan pesan dan menghentikan Kimi. Admin juga mengurus orang dan pengaturan.
change = Ubah
change-person = Ubah { $name }
is-you = (kamu)
save-role = Simpan peran
make-owner = Jadikan { $name } pemilik
make-owner-question = Ruang ini akan menjadi milik { $name }, dan kamu menjadi admin. Hanya { $name } yang bisa mengembalikannya.
hand-over = Serahkan ruang…
remove-person = Keluarkan { $name }
remove-question = Mulai saat ini { $name } tidak bisa lagi membaca ruang ini.
remove = Keluarkan…
close = Tutup

## Undangan ke ruang
invitations = Undangan
invitations-none = Tidak ada undangan yang terbuka.
invitations-hint = Siapa pun yang punya tautannya dan akun di sini bisa bergabung.
for-so-many = Untuk berapa orang
for-so-many-hint = Kosong: berapa pun.
for-so-long = Selama
an-hour = Satu jam
a-day = Satu hari
days = { $count } hari
make-link = Buat tautan
link-label = Tautan undangan, untuk disalin
for-anybody = berapa pun orang
for-more = { $count } orang lagi
link-about = { $role } · untuk { $people } · oleh { $name } · sampai
revoke = Cabut

## Pengaturan
settings = Pengaturan
rename = Ganti nama
topic = Topik
topic-hint = Ruang ini tentang apa, paling banyak 250 karakter.
model = Model
model-usual = Pilihan server: { $model }
model-thinks = berpikir dulu
model-at-once = langsung menjawab
model-sees = bisa melihat gambar
model-gone = tidak tersedia lagi; { $model } yang menjawab
models-missing = Daftar model sedang tidak bisa dibaca. Ini yang sudah diketahui.
tokens = { $count } token
thousand-tokens = { $count } ribu token
million-tokens = { $count } juta token
effort = Seberapa banyak berpikir
effort-hint = Yang dikenal { $model }. Simpan dulu model lain untuk melihat pilihannya.
effort-default = Terserah modelnya
effort-off = Tidak sama sekali
effort-low = Sedikit
effort-medium = Sedang
effort-high = Banyak
effort-max = Sebanyak-banyaknya
effort-told = Seberapa banyak berpikir: { $effort }.
instructions = Petunjuk untuk Kimi
instructions-hint = Disampaikan kepada Kimi sebelum setiap pertanyaan, paling banyak 8.192 bita: kira-kira sebanyak itu pula hurufnya.
save-settings = Simpan pengaturan
instructions-note = Disampaikan sebelum setiap pertanyaan.
settings-told = { $answers }.
model-told = Modelnya { $model }.
model-told-instead = Modelnya { $model }, karena { $chosen } tidak tersedia lagi.
notifications = Notifikasimu
notify-you = Beri tahu kamu
notify-all = Untuk setiap pesan
notify-mentions = Kalau ada yang menyebutmu
notify-none = Tidak pernah
save = Simpan

## Pesan tersemat, tanggal, dan akhir ruang
pinned = Pesan tersemat
pinned-none = Tidak ada yang disematkan.
a-message = Sebuah pesan
unpin = Lepas sematan
go-to-day = Buka suatu tanggal
day = Tanggal
day-hint = Hari dimulai tengah malam UTC.
go = Buka
end = Arsipkan, keluar, hapus
bring-back = Kembalikan
archive = Arsipkan…
archive-question = Ruang masih bisa dibaca dan dikembalikan, tetapi tidak bisa ditulisi.
archive-room = Arsipkan ruang
leave = Keluar…
leave-question = Kamu tidak bisa lagi membacanya, kecuali ada yang menambahkan atau mengundangmu lagi.
leave-direct-question = Kamu tidak bisa lagi membacanya.
leave-room = Keluar dari ruang
delete = Hapus…
delete-question = Ruang ini dan semua isinya akan hilang untuk semua orang, selamanya.
delete-room = Hapus ruang
hand-over-first = Untuk keluar, serahkan dulu ruang ini kepada orang lain.

## Obrolan, dikatakan oleh gayanya
show-image = Tampilkan gambar:
