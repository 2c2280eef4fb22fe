// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hashes and signatures from lib/crypto, bulk encryption from the crypto API
 * (only that one has fast AES-GCM on x86). Keys are prepared once and then
 * only read, so any number of threads may use one at a time.
 */

#include <crypto/aead.h>
#include <crypto/aes-cbc-macs.h>
#include <crypto/aes-gcm.h>
#include <crypto/sha2.h>
#include <linux/crypto.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "shim.h"

#define TAG_LEN 16
#define AAD_MAX 64

void shim_sha512(const struct kvec *parts, size_t count, u8 out[64])
{
	struct sha512_ctx ctx;
	size_t i;

	sha512_init(&ctx);
	for (i = 0; i < count; i++)
		sha512_update(&ctx, parts[i].iov_base, parts[i].iov_len);
	sha512_final(&ctx, out);
}

void shim_hmac_sha256(const u8 *key, size_t key_len, const struct kvec *parts,
		      size_t count, u8 out[32])
{
	struct hmac_sha256_ctx ctx;
	size_t i;

	hmac_sha256_init_usingrawkey(&ctx, key, key_len);
	for (i = 0; i < count; i++)
		hmac_sha256_update(&ctx, parts[i].iov_base, parts[i].iov_len);
	hmac_sha256_final(&ctx, out);
}

struct shim_mac {
	u32 algorithm;
	union {
		struct hmac_sha256_key hmac;
		struct aes_cmac_key cmac;
		struct aes_gcm_key gmac;
	};
};

struct shim_mac *shim_mac_new(u32 algorithm, const u8 *key, size_t len)
{
	struct shim_mac *mac = kmalloc(sizeof(*mac), GFP_KERNEL);
	int err;

	if (!mac)
		return ERR_PTR(-ENOMEM);
	mac->algorithm = algorithm;
	switch (algorithm) {
	case SHIM_MAC_HMAC_SHA256:
		hmac_sha256_preparekey(&mac->hmac, key, len);
		err = 0;
		break;
	case SHIM_MAC_AES_CMAC:
		err = len == 16 ? aes_cmac_preparekey(&mac->cmac, key, len) :
				  -EINVAL;
		break;
	case SHIM_MAC_AES_GMAC:
		err = len == 16 ? aes_gcm_preparekey(&mac->gmac, key, len,
						     TAG_LEN) :
				  -EINVAL;
		break;
	default:
		err = -EINVAL;
	}
	if (err) {
		kfree_sensitive(mac);
		return ERR_PTR(err);
	}
	return mac;
}

void shim_mac_free(struct shim_mac *mac)
{
	kfree_sensitive(mac);
}

static void mac_hmac(const struct shim_mac *mac, const struct kvec *parts,
		     size_t count, u8 out[16])
{
	struct hmac_sha256_ctx ctx;
	u8 full[SHA256_DIGEST_SIZE];
	size_t i;

	hmac_sha256_init(&ctx, &mac->hmac);
	for (i = 0; i < count; i++)
		hmac_sha256_update(&ctx, parts[i].iov_base, parts[i].iov_len);
	hmac_sha256_final(&ctx, full);
	memcpy(out, full, 16);
	memzero_explicit(full, sizeof(full));
}

static void mac_cmac(const struct shim_mac *mac, const struct kvec *parts,
		     size_t count, u8 out[16])
{
	struct aes_cmac_ctx ctx;
	size_t i;

	aes_cmac_init(&ctx, &mac->cmac);
	for (i = 0; i < count; i++)
		aes_cmac_update(&ctx, parts[i].iov_base, parts[i].iov_len);
	aes_cmac_final(&ctx, out);
}

static void mac_gmac(const struct shim_mac *mac, const u8 nonce[12],
		     const struct kvec *parts, size_t count, u8 out[16])
{
	struct aes_gcm_ctx ctx;
	size_t i;

	aes_gcm_init(&ctx, nonce, &mac->gmac);
	for (i = 0; i < count; i++)
		aes_gcm_auth_update(&ctx, parts[i].iov_base,
				    parts[i].iov_len);
	aes_gcm_encrypt_final(&ctx, out);
}

void shim_mac(const struct shim_mac *mac, const u8 nonce[12],
	      const struct kvec *parts, size_t count, u8 out[16])
{
	switch (mac->algorithm) {
	case SHIM_MAC_HMAC_SHA256:
		mac_hmac(mac, parts, count, out);
		break;
	case SHIM_MAC_AES_CMAC:
		mac_cmac(mac, parts, count, out);
		break;
	case SHIM_MAC_AES_GMAC:
		mac_gmac(mac, nonce, parts, count, out);
		break;
	}
}

static const char *aead_name(bool ccm)
{
	return ccm ? "ccm(aes)" : "gcm(aes)";
}

bool shim_aead_available(bool ccm)
{
	return crypto_has_aead(aead_name(ccm), 0, CRYPTO_ALG_ASYNC);
}

const char *shim_aead_driver(bool ccm, char *buf, size_t size)
{
	struct crypto_aead *tfm = crypto_alloc_aead(aead_name(ccm), 0,
						    CRYPTO_ALG_ASYNC);

	if (IS_ERR(tfm)) {
		strscpy(buf, "none", size);
		return buf;
	}
	strscpy(buf, crypto_tfm_alg_driver_name(crypto_aead_tfm(tfm)), size);
	crypto_free_aead(tfm);
	return buf;
}

struct crypto_aead *shim_aead_new(bool ccm, const u8 *key, size_t len)
{
	/* Only implementations that are done when they return. */
	struct crypto_aead *tfm = crypto_alloc_aead(aead_name(ccm), 0,
						    CRYPTO_ALG_ASYNC);
	int err;

	if (IS_ERR(tfm))
		return tfm;
	err = crypto_aead_setkey(tfm, key, len) ?:
	      crypto_aead_setauthsize(tfm, TAG_LEN);
	if (err) {
		crypto_free_aead(tfm);
		return ERR_PTR(err);
	}
	return tfm;
}

void shim_aead_free(struct crypto_aead *tfm)
{
	crypto_free_aead(tfm);
}

/* How many scatterlist entries a piece of memory takes. */
static size_t entries(const struct kvec *piece)
{
	size_t offset = offset_in_page(piece->iov_base);

	if (!piece->iov_len)
		return 0;
	if (!is_vmalloc_addr(piece->iov_base))
		return 1;
	return DIV_ROUND_UP(offset + piece->iov_len, PAGE_SIZE);
}

static struct scatterlist *add_piece(struct scatterlist *sg,
				     const struct kvec *piece)
{
	char *at = piece->iov_base;
	size_t left = piece->iov_len;

	if (!left)
		return sg;
	if (!is_vmalloc_addr(at)) {
		sg_set_page(sg, virt_to_page(at), left, offset_in_page(at));
		return sg + 1;
	}
	while (left) {
		size_t offset = offset_in_page(at);
		size_t len = min_t(size_t, left, PAGE_SIZE - offset);

		sg_set_page(sg, vmalloc_to_page(at), len, offset);
		sg++;
		at += len;
		left -= len;
	}
	return sg;
}

/*
 * Additional data, text and tag lie behind one another for the cipher: the
 * first and the last in the same allocation as the request.
 */
struct aead_job {
	u8 iv[16];
	u8 aad[AAD_MAX];
	u8 tag[TAG_LEN];
};

int shim_aead_crypt(struct crypto_aead *tfm, bool encrypt, const u8 *nonce,
		    size_t nonce_len, const u8 *aad, size_t aad_len,
		    const struct kvec *text, size_t count, u8 tag[16])
{
	size_t iv_len = crypto_aead_ivsize(tfm);
	size_t req_size = ALIGN(sizeof(struct aead_request) +
				crypto_aead_reqsize(tfm),
				__alignof__(struct scatterlist));
	size_t n = 2, total = 0, i;
	struct scatterlist *sg, *end;
	struct aead_request *req;
	struct aead_job *job;
	DECLARE_CRYPTO_WAIT(wait);
	int err;

	if (aad_len > AAD_MAX || nonce_len > 12)
		return -EINVAL;
	for (i = 0; i < count; i++) {
		n += entries(&text[i]);
		total += text[i].iov_len;
	}
	if (total > INT_MAX)
		return -EINVAL;

	/* The job goes into memory that virt_to_page() knows. */
	job = kmalloc(sizeof(*job) + CRYPTO_MINALIGN + req_size, GFP_KERNEL);
	if (!job)
		return -ENOMEM;
	sg = kvmalloc_array(n, sizeof(*sg), GFP_KERNEL);
	if (!sg) {
		kfree(job);
		return -ENOMEM;
	}
	req = (struct aead_request *)PTR_ALIGN(job + 1, CRYPTO_MINALIGN);

	memset(job->iv, 0, sizeof(job->iv));
	if (iv_len == 16) {
		/* CCM: one byte that tells the length of the counter. */
		job->iv[0] = 15 - 1 - nonce_len;
		memcpy(job->iv + 1, nonce, nonce_len);
	} else {
		memcpy(job->iv, nonce, min(iv_len, nonce_len));
	}
	memcpy(job->aad, aad, aad_len);
	if (!encrypt)
		memcpy(job->tag, tag, TAG_LEN);

	sg_init_table(sg, n);
	sg_set_buf(sg, job->aad, aad_len);
	end = sg + 1;
	for (i = 0; i < count; i++)
		end = add_piece(end, &text[i]);
	sg_set_buf(end, job->tag, TAG_LEN);

	memset(req, 0, sizeof(*req));
	aead_request_set_tfm(req, tfm);
	aead_request_set_callback(req, CRYPTO_TFM_REQ_MAY_SLEEP |
				  CRYPTO_TFM_REQ_MAY_BACKLOG,
				  crypto_req_done, &wait);
	aead_request_set_ad(req, aad_len);
	aead_request_set_crypt(req, sg, sg,
			       total + (encrypt ? 0 : TAG_LEN), job->iv);
	err = crypto_wait_req(encrypt ? crypto_aead_encrypt(req) :
					crypto_aead_decrypt(req), &wait);
	if (!err && encrypt)
		memcpy(tag, job->tag, TAG_LEN);

	kvfree(sg);
	kfree_sensitive(job);
	return err;
}
