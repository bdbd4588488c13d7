"""What the columns of tables about campaigns are called, in English and Chinese, by the role each plays.

Names are in normal form (letters and digits only, lower case, simplified), the best name of a role first.
"""

from __future__ import annotations

_AT = "at date time timestamp datetime 日期 时间"
_PERSON = (
    "userid customerid memberid uid 用户id 会员id 客户id 用户编号 会员编号 客户编号 openid unionid customer user member"
)
_WHOSE = {
    "participant": (
        "participantid participant referrerid referrer promoterid promoter affiliateid affiliate partnerid partner "
        "distributorid distributor inviterid inviter agentid agent 推广员id 推广员 推荐人id 推荐人 分销员id 分销员 "
        "邀请人id 邀请人 参与者id 参与者编号 参与者 参与人id 参与人 达人id 达人 带货达人 上级id 上级"
    ),
    "code": (
        "code referralcode promocode couponcode coupon discountcode affiliatecode invitecode invitationcode refcode "
        "推荐码 推广码 邀请码 优惠码 优惠券码 券码 活动码 分销码"
    ),
}
_ORDER = {
    "order_id": (
        "orderid orderno ordernumber order transactionid invoiceid invoice tradeno "
        "订单号 订单编号 订单id 主订单号 主订单编号 交易号 交易单号 流水号"
    ),
    "line": (
        "line lineid lineno lineitem lineitemid sku skuid suborderid 行号 子订单号 子订单编号 商品行 商品编码 商品id"
    ),
    "currency": "currency currencycode 币种 货币",
}

SALE_STATES = frozenset(
    (
        *("status", "state", "orderstatus", "paymentstatus", "paystatus", "refundstatus", "refund", "refundamount"),
        *("状态", "订单状态", "交易状态", "支付状态", "付款状态", "退款状态", "售后状态", "退款金额", "退款"),
    )
)
"""Columns that say how a sale ended, and have no role."""

CAMPAIGN_ROLES: dict[str, dict[str, str]] = {
    "participants": {
        "participant": _WHOSE["participant"] + " " + _PERSON + " id 编号",
        "name": "name nickname displayname fullname 昵称 姓名 名字 名称 用户昵称",
        "account": "account accountid accountuid handle 账号 账号id 平台账号",
        "code": _WHOSE["code"],
        "at": "joinedat joined joindate signupat createdat registeredat 加入时间 报名时间 注册时间 " + _AT,
        "shown": "shown consent publicname display 公开方式 署名 展示方式",
    },
    "referrals": {
        "child": (
            "refereeid referee referredid referred inviteeid invitee childid child newuserid newuser "
            "被推荐人id 被推荐人 被邀请人id 被邀请人 下级id 下级 新用户id 新用户 " + _PERSON
        ),
        "child_name": "refereename inviteename childname 被推荐人姓名 被推荐人昵称 被邀请人昵称",
        **_WHOSE,
        "at": "referralat referredat invitedat createdat 推荐时间 邀请时间 绑定时间 " + _AT,
    },
    "clicks": {
        "buyer": "visitorid visitor clickid deviceid 访客id 访客 " + _PERSON,
        **_WHOSE,
        "at": "clickedat clicktime visitedat createdat 点击时间 访问时间 " + _AT,
    },
    "conversions": {
        **_ORDER,
        "at": (
            "paidat paymentat paytime orderedat ordertime transactionat purchasedat createdat ordercreatedat "
            "付款时间 支付时间 成交时间 下单时间 订单时间 创建时间 " + _AT
        ),
        "amount": (
            "amount paidamount total totalprice price revenue gmv subtotal value "
            "实付金额 支付金额 付款金额 成交金额 订单金额 实付 金额 应付金额 总价"
        ),
        **_WHOSE,
        "buyer": "buyerid buyer " + _PERSON + " 买家id 买家 买家昵称 购买人",
        "kind": "conversiontype eventtype event type kind 类型 转化类型 事件",
        "device": "deviceid devicehash device fingerprint 设备号 设备id 设备",
        "address": "addresshash address shippingaddress 收货地址 地址",
        "payment": "paymenthash paymentid payeraccount card payment 支付账号 付款账号 支付账户",
    },
    "refunds": {
        "refund_id": "refundid refundno refundnumber aftersaleid id 退款单号 退款编号 退款id 售后单号 售后编号",
        **_ORDER,
        "amount": "refundamount refundedamount amount total 退款金额 实退金额 金额",
        "at": "refundedat refundtime refundat createdat 退款时间 退款完成时间 售后时间 " + _AT,
    },
}
"""Kind of table to the roles its columns can play, each with the names such columns have."""
